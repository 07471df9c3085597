#include "completion_loop.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace dapr::component {
namespace {

using std::chrono::milliseconds;

// Short enough that a blocked handler costs others little, long enough to cost nothing itself.
constexpr milliseconds kTick{2};
// Fewer events per thread and tick than this mean handlers of 200 us and more: these wait for
// something, or are heavy enough for a thread of their own.
constexpr std::uint64_t kBusyEventsPerTick = 10;
// Ticks without shortage until the number of threads is halved: one second.
constexpr int kTicksUntilShrink = 500;

// A handler that computes, or waits for a processor, is not helped by many more threads; some more
// than processors keep short calls going beside long computations.
std::size_t MostRunning() {
  return 2 * std::max<std::size_t>(std::thread::hardware_concurrency(), 1) + 2;
}

// Whether the kernel has the thread on a processor or queued for one: it does not wait for
// anything else. Source: proc(5), the state behind the name in /proc/.../stat.
bool IsRunning(pid_t thread) {
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/stat";
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char text[128];  // the state comes after a number and a name of at most 16 bytes
  const ssize_t length = ::read(file, text, sizeof(text));
  ::close(file);
  const std::string_view stat(text, length > 0 ? static_cast<std::size_t>(length) : 0);
  const std::size_t name_end = stat.rfind(')');
  return name_end != std::string_view::npos && stat.substr(name_end + 1, 2) == " R";
}

}  // namespace

CompletionLoop::CompletionLoop(grpc::CompletionQueue* queue, std::size_t max_threads)
    : queue_(queue), max_threads_(std::max<std::size_t>(max_threads, 1)) {
  AddThreads(1);
  watchdog_ = std::thread([this] { Watch(); });
}

CompletionLoop::~CompletionLoop() {
  // Threads are added until the watchdog has ended, and it may be needed to drain: it goes last.
  for (std::size_t i = 0;; ++i) {
    std::thread thread;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (i == threads_.size()) {
        stopping_ = true;
        break;
      }
      thread = std::move(threads_[i]);
    }
    thread.join();
  }
  watchdog_wake_.notify_all();
  watchdog_.join();
}

std::size_t CompletionLoop::ThreadCount() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return threads_.size();
}

void CompletionLoop::Work() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    thread_ids_.push_back(::gettid());
  }
  void* tag = nullptr;
  bool ok = false;
  for (;;) {
    polling_.fetch_add(1);
    const bool open = queue_->Next(&tag, &ok);
    polling_.fetch_sub(1);
    if (!open) {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      spare_wake_.notify_all();
      return;
    }
    events_.fetch_add(1);
    if (watchdog_asleep_.load()) WakeWatchdog();
    static_cast<Completion*>(tag)->Complete(ok);
    TakeTurn();
  }
}

void CompletionLoop::TakeTurn() {
  // Nobody else polls: the common case takes no lock.
  if (polling_.load() == 0) return;
  std::unique_lock<std::mutex> lock(mutex_);
  if (stopping_ || active_ <= target_.load(std::memory_order_relaxed)) return;
  --active_;
  ++spare_;
  spare_wake_.wait(lock, [this] { return stopping_ || wakeups_ > 0; });
  --spare_;
  ++active_;
  if (wakeups_ > 0) --wakeups_;
}

void CompletionLoop::WakeWatchdog() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (watchdog_asleep_.exchange(false)) watchdog_wake_.notify_one();
}

// Makes `wanted` threads active: first spare ones, then new ones. Caller must not hold mutex_.
void CompletionLoop::AddThreads(std::size_t wanted) {
  const std::lock_guard<std::mutex> lock(mutex_);
  while (!stopping_ && active_ + wakeups_ < wanted) {
    if (spare_ > wakeups_) {
      ++wakeups_;
      spare_wake_.notify_one();
      continue;
    }
    if (threads_.size() >= max_threads_) return;
    ++active_;
    threads_.emplace_back([this] { Work(); });
  }
}

void CompletionLoop::Grow(std::size_t target, std::size_t running) {
  if (running >= MostRunning()) return;
  const std::size_t wanted = std::min({max_threads_, target * 2, target + MostRunning() - running});
  target_.store(wanted);
  AddThreads(wanted);
}

std::size_t CompletionLoop::CountRunning(std::vector<bool>* slept) const {
  std::vector<pid_t> threads;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    threads = thread_ids_;
  }
  slept->resize(threads.size(), false);
  std::size_t running = 0;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    const bool sleeps = !IsRunning(threads[i]);
    if (!sleeps || !(*slept)[i]) ++running;
    (*slept)[i] = sleeps;
  }
  return running;
}

void CompletionLoop::Watch() {
  std::uint64_t seen = 0;
  int calm = 0;
  bool short_before = false;
  std::vector<bool> slept;
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (stopping_) return;
      watchdog_wake_.wait_for(lock, kTick, [this] { return stopping_; });
      if (stopping_) return;
      // Asleep first, then the look: an event that this look misses sees the watchdog asleep and
      // wakes it. The other way round a handler could block with nobody left to add a thread.
      watchdog_asleep_.store(target_.load() == 1);
      const bool quiet = events_.load() == seen && polling_.load() > 0;
      if (quiet && watchdog_asleep_.load()) {
        watchdog_wake_.wait(lock, [this] { return stopping_ || !watchdog_asleep_.load(); });
        watchdog_asleep_.store(false);
        continue;
      }
      watchdog_asleep_.store(false);
    }
    const std::uint64_t now = events_.load();
    const std::size_t target = target_.load();
    const bool shortage = polling_.load() == 0 && now - seen < kBusyEventsPerTick * target;
    seen = now;
    if (shortage && target < max_threads_) {
      const std::size_t running = CountRunning(&slept);
      if (short_before) Grow(target, running);
    }
    short_before = shortage;
    calm = shortage ? 0 : calm + 1;
    if (calm >= kTicksUntilShrink) {
      calm = 0;
      target_.store(std::max<std::size_t>(1, target / 2));
    }
  }
}

}  // namespace dapr::component
