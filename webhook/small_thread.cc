#include "webhook/small_thread.h"

#include <csignal>
#include <cstddef>
#include <utility>

namespace injector::webhook {
namespace {

// Address space, of which a request touches some 30 KiB; room enough for JSON 512 levels deep.
constexpr std::size_t kStackBytes = std::size_t{1} << 20;

void* Enter(void* work) {
  (*static_cast<std::function<void()>*>(work))();
  return nullptr;
}

}  // namespace

bool SmallThread::Start(std::function<void()> work) {
  work_ = std::move(work);
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setstacksize(&attributes, kStackBytes);
  // Signals are for the main thread alone.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  joinable_ = pthread_create(&thread_, &attributes, &Enter, &work_) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return joinable_;
}

void SmallThread::Join() {
  if (!joinable_) return;
  pthread_join(thread_, nullptr);
  joinable_ = false;
}

}  // namespace injector::webhook
