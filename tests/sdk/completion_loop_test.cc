// The threads of one completion queue, with alarms as events.
#include "completion_loop.h"

#include <gmock/gmock.h>
#include <grpcpp/alarm.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace injector::test {
namespace {

using dapr::component::Completion;
using dapr::component::CompletionLoop;

class Event final : public Completion {
 public:
  Event(grpc::CompletionQueue* queue, std::function<void()> run) : run_(std::move(run)) {
    alarm_.Set(queue, std::chrono::system_clock::now(), this);
  }
  void Complete(bool /*ok*/) override { run_(); }

 private:
  const std::function<void()> run_;
  grpc::Alarm alarm_;
};

class Gate {
 public:
  void Open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  // Whether it opened within 20 seconds.
  bool Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    return opened_.wait_for(lock, std::chrono::seconds(20), [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;  // guarded by mutex_
};

class CompletionLoopTest : public ::testing::Test {
 protected:
  ~CompletionLoopTest() override { queue_.Shutdown(); }

  grpc::CompletionQueue queue_;
  CompletionLoop loop_{&queue_, 4};
};

// The events come at many distances from the watchdog's ticks of 2 ms, before which and after which
// it sees a quiet queue and goes to sleep.
TEST_F(CompletionLoopTest, BlockedHandlerGetsAnotherThreadWheneverItBegins) {
  for (int round = 0; round < 60; ++round) {
    Gate second_ran;
    Gate first_done;
    bool helped = false;
    const Event first(&queue_, [&] {
      helped = second_ran.Wait();
      first_done.Open();
    });
    std::this_thread::sleep_for(std::chrono::microseconds(round * 97 % 5000));
    const Event second(&queue_, [&] { second_ran.Open(); });
    ASSERT_TRUE(first_done.Wait());
    ASSERT_TRUE(helped) << "in round " << round << " nobody was left to serve the second event";
  }
}

TEST_F(CompletionLoopTest, ThreadsStayWithinTheLimit) {
  constexpr int kEvents = 8;
  Gate go;
  std::mutex mutex;
  int done = 0;
  std::vector<std::unique_ptr<Event>> events;
  Gate all;
  for (int i = 0; i < kEvents; ++i)
    events.push_back(std::make_unique<Event>(&queue_, [&] {
      go.Wait();
      const std::lock_guard<std::mutex> lock(mutex);
      if (++done == kEvents) all.Open();
    }));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (loop_.ThreadCount() < 4 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(loop_.ThreadCount(), 4U);
  go.Open();
  EXPECT_TRUE(all.Wait());
  EXPECT_EQ(loop_.ThreadCount(), 4U);
}

}  // namespace
}  // namespace injector::test
