#pragma once

// Threads that take events from one poller, one at a time, and work on each until it is done: there
// is no queue but the poller's own. More threads come when those that are not held up, as by
// handlers that wait for somebody, are fewer than there are processors, and go when there is
// nothing to do for them. A marker that stands in the queue like everybody else shows how long it
// takes to be served.

#include <sys/epoll.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <vector>

#include "webhook/poller.h"
#include "webhook/small_thread.h"
#include "webhook/socket.h"

namespace injector::webhook {

struct WorkerLimits {
  std::size_t threads = 2;                     // as long as they keep up
  std::size_t most_threads = 64;               // when they are held up
  std::size_t processors = 1;                  // that threads may keep busy
  std::chrono::milliseconds idle_life{30000};  // of those beyond `threads`
  std::chrono::milliseconds most_wait{1000};   // for a thread; then those who wait are a backlog
};

class WorkerPool {
 public:
  static constexpr std::uint64_t kMostTags = 2;  // tags below are the pool's own
  static constexpr std::chrono::milliseconds kPatience{20};
  // Of the time between two looks, what counts as waiting: when more passes, as when the whole
  // process stands still, the threads had no chance either.
  static constexpr std::chrono::milliseconds kMostCounted = 2 * kPatience;

  // In: `work` gets the tag of each event, called from many threads; `wake` asks, from any thread,
  // for a call of Look. The poller outlives the pool.
  WorkerPool(const WorkerLimits& limits, const Poller& poller,
             std::function<void(std::uint64_t)> work, std::function<void()> wake);
  ~WorkerPool();  // waits for what is being worked on
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False: the system refused a descriptor or the first thread.
  [[nodiscard]] bool Start();

  // The rest is for one thread.

  // Looks whether the threads keep up, and adds some when they are held up; does nothing before
  // NextLook().
  void Look(TimePoint now);
  // max: not before `wake` was called.
  [[nodiscard]] TimePoint NextLook() const { return next_look_; }
  // Whether somebody has waited for too long, whatever the threads do meanwhile.
  [[nodiscard]] bool IsOverloaded() const { return overloaded_; }
  [[nodiscard]] std::size_t Threads() const { return count_; }
  // Takes the events that wait, or the first of them, from the threads; their tags.
  [[nodiscard]] std::vector<std::uint64_t> TakeBacklog();

 private:
  struct Worker {
    std::atomic<bool> ended{false};
    std::atomic<std::uint64_t> turns{0};  // waits and pieces of work that it has begun
    FileDescriptor state;                 // what the system says about its thread; set before turns
    std::uint64_t turns_seen = 0;         // of the thread that looks
    SmallThread thread;
  };

  void Work(Worker& worker);
  [[nodiscard]] bool MayLeave();
  void AddThreads(std::size_t count);
  void Mark();
  void Judge(TimePoint now);
  [[nodiscard]] std::size_t HeldUp();

  const WorkerLimits limits_;
  const Poller& poller_;
  const std::function<void(std::uint64_t)> work_;
  const std::function<void()> wake_;
  Signal marker_;  // always raised
  Signal end_;

  std::atomic<std::size_t> free_{0};        // threads that wait for an event
  std::atomic<std::size_t> count_{0};       // threads that have not left
  std::atomic<bool> watched_{false};        // Look is called now and then
  std::atomic<bool> marker_served_{false};  // by one of the threads

  // Of the thread that looks.
  std::list<Worker> workers_;
  TimePoint next_look_ = TimePoint::max();
  TimePoint looked_;                    // at the last look
  std::chrono::nanoseconds waited_{0};  // by the marker, as far as it was looked at
  bool overloaded_ = false;
};

}  // namespace injector::webhook
