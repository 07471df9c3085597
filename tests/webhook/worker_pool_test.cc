#include "webhook/worker_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using webhook::Poller;
using webhook::Signal;
using webhook::WorkerLimits;
using webhook::WorkerPool;

constexpr std::uint64_t kTag = WorkerPool::kMostTags;

// Work that ends when it is let go, and a moment that the test moves on.
class WorkerPoolTest : public testing::Test {
 protected:
  ~WorkerPoolTest() override {
    spin_ended_ = true;
    Open();
  }

  void StartPool(const WorkerLimits& limits) {
    StartPool(limits, [this] { AwaitOpen(); });
  }
  void AwaitOpen() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(10), [this] { return open_; });
  }
  void StartPool(const WorkerLimits& limits, std::function<void()> work) {
    pool_.emplace(
        limits, poller_,
        [this, work = std::move(work)](std::uint64_t /*tag*/) {
          Count(inside_);
          work();
          Count(done_);
        },
        [this] { Count(wakes_); });
    ASSERT_TRUE(pool_->Start());
  }
  // An event that one worker gets.
  void Happen() {
    signals_.emplace_back().Raise();
    ASSERT_TRUE(poller_.Add(signals_.back().descriptor(), EPOLLIN | EPOLLONESHOT, kTag));
  }
  // First one, that a pool of one thread is busy with when it is looked at, then two more.
  void HappenThrice() {
    Happen();
    ASSERT_TRUE(Await(wakes_, 1));
    LookAfter(milliseconds(0));
    Happen();
    Happen();
  }
  bool Await(const int& count, int wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(10), [&] { return count == wanted; });
  }
  void Count(int& what) {
    const std::lock_guard lock(mutex_);
    ++what;
    changed_.notify_all();
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Looks again and again until so many are worked on.
  bool LookUntilInside(int wanted) {
    const auto end = std::chrono::steady_clock::now() + seconds(10);
    while (std::chrono::steady_clock::now() < end) {
      LookAfter(WorkerPool::kPatience);
      const std::lock_guard lock(mutex_);
      if (inside_ == wanted) return true;
    }
    return false;
  }
  void LookAfter(milliseconds time) {
    now_ += time;
    pool_->Look(now_);
  }
  void LookManyTimes(int count) {
    for (int i = 0; i < count; ++i) LookAfter(WorkerPool::kPatience);
  }

  webhook::TimePoint now_ = std::chrono::steady_clock::now();
  Poller poller_;
  std::list<Signal> signals_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;     // guarded by mutex_
  int done_ = 0;       // guarded by mutex_
  int wakes_ = 0;      // guarded by mutex_
  bool open_ = false;  // guarded by mutex_
  std::atomic<bool> spin_ended_{false};
  std::optional<WorkerPool> pool_;
};

TEST_F(WorkerPoolTest, EachEventIsWorkedOnOnce) {
  StartPool({.threads = 2});
  Open();
  for (int i = 0; i < 20; ++i) Happen();
  EXPECT_TRUE(Await(done_, 20));
}

TEST_F(WorkerPoolTest, LastFreeThreadAsksToBeWatched) {
  StartPool({.threads = 2});
  EXPECT_EQ(pool_->NextLook(), webhook::TimePoint::max());
  Happen();
  ASSERT_TRUE(Await(inside_, 1));
  Happen();
  ASSERT_TRUE(Await(wakes_, 1));
  LookAfter(milliseconds(0));
  EXPECT_EQ(pool_->NextLook(), now_ + WorkerPool::kPatience);
}

TEST_F(WorkerPoolTest, HeldUpThreadsGetHelp) {
  StartPool({.threads = 1, .most_threads = 4});
  HappenThrice();
  EXPECT_TRUE(LookUntilInside(3)) << "two more threads have come";
}

TEST_F(WorkerPoolTest, ThreadsThatWouldOnlyWaitForAProcessorDoNotCome) {
  StartPool({.threads = 1, .most_threads = 4}, [this] {
    while (!spin_ended_) std::this_thread::yield();
  });
  Happen();
  ASSERT_TRUE(Await(wakes_, 1));
  LookManyTimes(20);
  EXPECT_EQ(pool_->Threads(), 1U);
  spin_ended_ = true;
}

TEST_F(WorkerPoolTest, ThreadThatComputesDoesNotKeepHelpFromThoseThatWait) {
  std::atomic<bool> first{true};
  StartPool({.threads = 2, .most_threads = 4, .processors = 2}, [&] {
    const bool spins = first.exchange(false);
    while (spins && !spin_ended_) std::this_thread::yield();
    if (!spins) AwaitOpen();
  });
  Happen();
  Happen();
  ASSERT_TRUE(Await(wakes_, 1));
  LookAfter(milliseconds(0));
  Happen();
  EXPECT_TRUE(LookUntilInside(3)) << "another thread has come";
  spin_ended_ = true;
}

TEST_F(WorkerPoolTest, HelpComesWhenNoDescriptorIsLeft) {
  StartPool({.threads = 1, .most_threads = 4});
  HappenThrice();
  rlimit former{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &former), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = former.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_TRUE(LookUntilInside(3));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &former), 0);
}

TEST_F(WorkerPoolTest, ThreadsThatHelpedLeave) {
  StartPool({.threads = 1, .most_threads = 2, .idle_life = milliseconds(20)});
  Happen();
  ASSERT_TRUE(Await(wakes_, 1));
  Happen();
  ASSERT_TRUE(LookUntilInside(2));
  Open();
  const auto end = std::chrono::steady_clock::now() + seconds(10);
  while (pool_->Threads() > 1 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(pool_->Threads(), 1U);
  Happen();
  EXPECT_TRUE(Await(done_, 3)) << "the first thread has stayed";
}

TEST_F(WorkerPoolTest, WhoWaitsTooLongForTheMostThreadsIsABacklog) {
  StartPool({.threads = 1, .most_threads = 1, .most_wait = milliseconds(100)});
  HappenThrice();
  LookManyTimes(4);
  EXPECT_FALSE(pool_->IsOverloaded());
  LookAfter(WorkerPool::kPatience);
  EXPECT_TRUE(pool_->IsOverloaded());
  EXPECT_EQ(pool_->TakeBacklog(), (std::vector<std::uint64_t>{kTag, kTag}));
}

TEST_F(WorkerPoolTest, TimeThatPassesWithoutALookIsNoBacklog) {
  StartPool({.threads = 1, .most_threads = 1});
  Happen();
  ASSERT_TRUE(Await(wakes_, 1));
  LookAfter(milliseconds(0));
  LookAfter(seconds(2));
  EXPECT_FALSE(pool_->IsOverloaded()) << "the threads may have stood still as well";
}

TEST_F(WorkerPoolTest, WhoWaitsTooLongForThreadsThatComputeIsABacklog) {
  StartPool({.threads = 1, .most_threads = 4, .most_wait = milliseconds(100)}, [this] {
    while (!spin_ended_) std::this_thread::yield();
  });
  Happen();
  ASSERT_TRUE(Await(wakes_, 1));
  LookAfter(milliseconds(0));
  Happen();
  LookManyTimes(5);
  EXPECT_TRUE(pool_->IsOverloaded());
  EXPECT_EQ(pool_->TakeBacklog(), std::vector<std::uint64_t>{kTag});
  spin_ended_ = true;
}

TEST_F(WorkerPoolTest, OverloadEndsWithTheFirstThreadThatIsFree) {
  StartPool({.threads = 1, .most_threads = 1, .most_wait = milliseconds(100)});
  Happen();
  ASSERT_TRUE(Await(wakes_, 1));
  LookAfter(milliseconds(0));
  LookManyTimes(5);
  ASSERT_TRUE(pool_->IsOverloaded());
  Open();
  ASSERT_TRUE(Await(done_, 1));
  const auto end = std::chrono::steady_clock::now() + seconds(10);
  while (pool_->IsOverloaded() && std::chrono::steady_clock::now() < end) {
    LookAfter(WorkerPool::kPatience);
  }
  EXPECT_FALSE(pool_->IsOverloaded());
}

TEST_F(WorkerPoolTest, WatchEndsWhenThreadsKeepUp) {
  StartPool({.threads = 1});
  Open();
  Happen();
  ASSERT_TRUE(Await(wakes_, 1));
  const auto end = std::chrono::steady_clock::now() + seconds(10);
  do {
    LookAfter(WorkerPool::kPatience);
  } while (pool_->NextLook() != webhook::TimePoint::max() &&
           std::chrono::steady_clock::now() < end);
  EXPECT_EQ(pool_->NextLook(), webhook::TimePoint::max());
}

TEST_F(WorkerPoolTest, EndWaitsForWhatIsWorkedOn) {
  StartPool({.threads = 2});
  Open();
  Happen();
  ASSERT_TRUE(Await(inside_, 1));
  pool_.reset();
  EXPECT_EQ(done_, 1);
}

}  // namespace
}  // namespace injector::test
