// The threads of one completion queue, with alarms as events.
#include "completion_loop.h"

#include <gmock/gmock.h>
#include <grpcpp/alarm.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
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

// What handlers use outlives the loop's threads: a handler may still run when a test goes on.
class CompletionLoopTest : public ::testing::Test {
 protected:
  ~CompletionLoopTest() override { queue_.Shutdown(); }

  Gate& NewGate() { return gates_.emplace_back(); }
  void Post(std::function<void()> handler) { events_.emplace_back(&queue_, std::move(handler)); }

  grpc::CompletionQueue queue_;
  std::deque<Gate> gates_;
  std::deque<Event> events_;
  std::atomic<int> done_{0};
  CompletionLoop loop_{&queue_, 4};
};

// Handlers that compute are no blocked ones: more threads would only compete for the processors.
TEST(CompletionLoopThreads, HandlersThatComputeGetThreadsByProcessors) {
  constexpr int kEvents = 200;
  grpc::CompletionQueue queue;
  std::atomic<int> done{0};
  std::atomic<std::size_t> most{0};
  std::deque<Event> events;
  auto loop = std::make_unique<CompletionLoop>(&queue, kEvents);
  for (int i = 0; i < kEvents; ++i)
    events.emplace_back(&queue, [&] {
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(15);
      while (std::chrono::steady_clock::now() < end) continue;
      most = std::max(most.load(), loop->ThreadCount());
      ++done;
    });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (done < kEvents && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(done, kEvents);
  // A thread may be seen asleep between two events, so the bound is not sharp; without one every
  // event gets a thread.
  EXPECT_LE(most.load(), 4U * std::thread::hardware_concurrency() + 24U);
  queue.Shutdown();
  loop.reset();
}

// The events come at many distances from the watchdog's ticks of 2 ms, before which and after which
// it sees a quiet queue and goes to sleep.
TEST_F(CompletionLoopTest, BlockedHandlerGetsAnotherThreadWheneverItBegins) {
  for (int round = 0; round < 60; ++round) {
    Gate& second_ran = NewGate();
    Gate& first_done = NewGate();
    Post([&] {
      if (second_ran.Wait()) ++done_;
      first_done.Open();
    });
    std::this_thread::sleep_for(std::chrono::microseconds(round * 97 % 5000));
    Post([&] { second_ran.Open(); });
    ASSERT_TRUE(first_done.Wait());
    ASSERT_EQ(done_, round + 1) << "nobody was left to serve the second event";
  }
}

TEST_F(CompletionLoopTest, ThreadsStayWithinTheLimit) {
  constexpr int kEvents = 8;
  Gate& go = NewGate();
  Gate& all = NewGate();
  for (int i = 0; i < kEvents; ++i)
    Post([&] {
      go.Wait();
      if (++done_ == kEvents) all.Open();
    });
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
