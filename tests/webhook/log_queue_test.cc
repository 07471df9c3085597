#include "webhook/log_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace injector::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using webhook::LogQueue;

// Takes lines while it is open.
class GatedSink : public webhook::LineSink {
 public:
  explicit GatedSink(bool open) : open_(open) {}

  bool Write(std::string_view line) override {
    std::unique_lock lock(mutex_);
    if (!opened_.wait_for(lock, std::chrono::milliseconds(1), [this] { return open_; })) {
      return false;
    }
    lines_.emplace_back(line);
    return true;
  }

  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }

  [[nodiscard]] std::vector<std::string> Lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_;
  std::vector<std::string> lines_;
};

std::string Told(std::uint64_t count) {
  return std::to_string(count) + " lost";
}

constexpr std::chrono::minutes kLong{1};

TEST(LogQueue, EverythingIsWrittenInOrderBeforeItEnds) {
  GatedSink sink(/*open=*/true);
  {
    LogQueue queue(sink, Told);
    ASSERT_TRUE(queue.Start());
    for (int i = 0; i < 5; ++i) queue.Push(std::to_string(i));
  }
  EXPECT_THAT(sink.Lines(), ElementsAre("0", "1", "2", "3", "4"));
}

TEST(LogQueue, SinkThatBlocksCostsTheLinesBeyondTheBound) {
  GatedSink sink(/*open=*/false);
  {
    LogQueue queue(sink, Told, {.max_bytes = 10, .patience = kLong});
    ASSERT_TRUE(queue.Start());
    for (const char* line : {"aaaa", "bbbb", "cccc", "dddd", "eeee"}) queue.Push(line);
    EXPECT_EQ(queue.Lost(), 3U);
    sink.Open();
  }
  EXPECT_THAT(sink.Lines(), ElementsAre("aaaa", "bbbb", "3 lost"));
}

TEST(LogQueue, LossIsToldWhereTheLinesAreMissing) {
  GatedSink sink(/*open=*/true);
  {
    LogQueue queue(sink, Told, {.max_bytes = 6, .patience = kLong});
    for (const char* line : {"aaaa", "bbbb", "cc"}) queue.Push(line);
    ASSERT_TRUE(queue.Start());
  }
  EXPECT_THAT(sink.Lines(), ElementsAre("aaaa", "1 lost", "cc"));
}

TEST(LogQueue, SinkThatNeverTakesALineDoesNotKeepItFromEnding) {
  GatedSink sink(/*open=*/false);
  {
    LogQueue queue(sink, Told, {.patience = std::chrono::milliseconds(0)});
    ASSERT_TRUE(queue.Start());
    queue.Push("a");
  }
  EXPECT_THAT(sink.Lines(), IsEmpty());
}

// Takes one line of three tries.
class SlowSink : public webhook::LineSink {
 public:
  bool Write(std::string_view /*line*/) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return ++tries_ % 3 == 0 && ++taken_ > 0;
  }
  [[nodiscard]] int Taken() const { return taken_; }

 private:
  int tries_ = 0;
  int taken_ = 0;
};

TEST(LogQueue, PatienceIsForAllThatIsLeft) {
  SlowSink sink;
  {
    LogQueue queue(sink, Told, {.patience = std::chrono::milliseconds(10)});
    for (int i = 0; i < 1000; ++i) queue.Push("a");
    ASSERT_TRUE(queue.Start());
  }
  EXPECT_LT(sink.Taken(), 1000);
}

}  // namespace
}  // namespace injector::test
