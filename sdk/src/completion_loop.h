#pragma once
// The threads that serve one completion queue.
//
// Handlers run where their event was taken from the queue: no hand-over, and with one polling
// thread gRPC does half of the work that two cost (docs/decisions/0010-sdk-completion-queue.md). A
// handler that blocks must not stop the others, so a watchdog adds threads while it sees that
// nobody polls and little gets done, and lets them go again when they are not needed. Threads that
// only lack a processor are told from blocked ones by the kernel's word and bounded by processors.

#include <grpcpp/completion_queue.h>
#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace dapr::component {

// What a completion queue's tags point to.
class Completion {
 public:
  virtual ~Completion() = default;
  // Called once per operation; may delete the object.
  virtual void Complete(bool ok) = 0;
};

class CompletionLoop {
 public:
  // `queue` must outlive the loop.
  CompletionLoop(grpc::CompletionQueue* queue, std::size_t max_threads);
  // Blocks until the queue, which the owner has shut down, is drained.
  ~CompletionLoop();
  CompletionLoop(const CompletionLoop&) = delete;
  CompletionLoop& operator=(const CompletionLoop&) = delete;

  [[nodiscard]] std::size_t ThreadCount() const;

 private:
  void Work();
  // Returns when the thread may poll again; parks it while there are enough others.
  void TakeTurn();
  void Watch();
  void AddThreads(std::size_t wanted);
  // Makes more of `target` threads, unless enough of them compute already.
  void Grow(std::size_t target, std::size_t running);
  // Threads that did not sleep both now and in the look before: many a computing one waits for a
  // lock just then. In and out: which ones slept.
  [[nodiscard]] std::size_t CountRunning(std::vector<bool>* slept) const;
  void WakeWatchdog();

  grpc::CompletionQueue* const queue_;
  const std::size_t max_threads_;
  std::atomic<std::int64_t> polling_{0};
  std::atomic<std::uint64_t> events_{0};
  std::atomic<bool> watchdog_asleep_{false};
  std::atomic<std::size_t> target_{1};  // how many threads should take turns

  mutable std::mutex mutex_;
  std::condition_variable watchdog_wake_;
  std::condition_variable spare_wake_;
  std::vector<std::thread> threads_;  // guarded by mutex_, as what follows
  std::vector<pid_t> thread_ids_;
  std::size_t active_ = 0;   // threads that poll or run a handler
  std::size_t wakeups_ = 0;  // spare threads that shall become active
  std::size_t spare_ = 0;
  bool stopping_ = false;
  std::thread watchdog_;
};

}  // namespace dapr::component
