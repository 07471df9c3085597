#pragma once

// A thread with a stack of known size. std::thread takes the system's default, 8 MiB, of which
// servers with up to 64 threads each would have no use.

#include <pthread.h>

#include <functional>

namespace injector::webhook {

// Not copied or moved; joined by its destructor.
class SmallThread {
 public:
  SmallThread() = default;
  ~SmallThread() { Join(); }
  SmallThread(const SmallThread&) = delete;
  SmallThread& operator=(const SmallThread&) = delete;

  // Runs `work`, once. False: the system has no more threads.
  [[nodiscard]] bool Start(std::function<void()> work);
  // Blocks: until the work has ended. Without a thread it returns at once.
  void Join();

 private:
  std::function<void()> work_;
  pthread_t thread_{};
  bool joinable_ = false;
};

}  // namespace injector::webhook
