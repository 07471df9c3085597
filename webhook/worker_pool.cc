#include "webhook/worker_pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace injector::webhook {
namespace {

enum Tag : std::uint64_t { kMarkerTag, kEndTag };

constexpr std::size_t kMostTaken = 256;

// Kept open by each thread, as there may be no descriptor left when it matters.
FileDescriptor OpenOwnState() {
  const std::string name = "/proc/self/task/" + std::to_string(::gettid()) + "/stat";
  return FileDescriptor(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
}

// Whether a thread waits for something other than a processor: the letter behind its name in
// brackets (proc(5)). One of which nothing is known does: a thread too many costs less than one too
// few.
bool Sleeps(const FileDescriptor& state) {
  std::array<char, 128> text;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled
  const ssize_t size = ::pread(state.get(), text.data(), text.size(), 0);
  const std::string_view known(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  const std::size_t name_end = known.rfind(") ");
  return name_end == std::string_view::npos || known.substr(name_end + 2, 1) != "R";
}

}  // namespace

WorkerPool::WorkerPool(const WorkerLimits& limits, const Poller& poller,
                       std::function<void(std::uint64_t)> work, std::function<void()> wake)
    : limits_(limits), poller_(poller), work_(std::move(work)), wake_(std::move(wake)) {
  marker_.Raise();
}

WorkerPool::~WorkerPool() {
  end_.Raise();
  for (Worker& worker : workers_) worker.thread.Join();
}

bool WorkerPool::Start() {
  if (!poller_.Add(marker_.descriptor(), EPOLLONESHOT, kMarkerTag)) return false;
  if (!poller_.Add(end_.descriptor(), EPOLLIN, kEndTag)) return false;
  AddThreads(limits_.threads);
  return count_ > 0;
}

// Without a thread to be had, the present ones have to do.
void WorkerPool::AddThreads(std::size_t count) {
  for (; count > 0; --count) {
    Worker& worker = workers_.emplace_back();
    ++count_;
    if (worker.thread.Start([this, &worker] { Work(worker); })) continue;
    --count_;
    workers_.pop_back();
    return;
  }
}

void WorkerPool::Work(Worker& worker) {
  worker.state = OpenOwnState();
  std::array<epoll_event, 1> room{};
  while (true) {
    ++worker.turns;
    ++free_;
    const TimePoint until = std::chrono::steady_clock::now() + limits_.idle_life;
    const auto events = poller_.Wait(room, until);
    const bool last = --free_ == 0;
    if (last && !watched_.exchange(true)) wake_();
    if (events.empty()) {
      if (std::chrono::steady_clock::now() < until || !MayLeave()) continue;
      worker.ended = true;
      return wake_();
    }
    ++worker.turns;
    const std::uint64_t tag = events.front().data.u64;
    if (tag == kEndTag) return;
    if (tag == kMarkerTag) {
      marker_served_ = true;
    } else {
      work_(tag);
    }
  }
}

bool WorkerPool::MayLeave() {
  std::size_t count = count_;
  while (count > limits_.threads) {
    if (count_.compare_exchange_weak(count, count - 1)) return true;
  }
  return false;
}

void WorkerPool::Mark() {
  marker_served_ = false;
  poller_.Change(marker_.descriptor(), EPOLLIN | EPOLLONESHOT, kMarkerTag);
}

void WorkerPool::Look(TimePoint now) {
  workers_.remove_if([](const Worker& worker) { return worker.ended.load(); });
  if (now < next_look_ && next_look_ != TimePoint::max()) return;
  if (next_look_ == TimePoint::max()) {
    if (!watched_) return;
    Mark();
    waited_ = {};
    static_cast<void>(HeldUp());  // what they do now
  } else {
    Judge(now);
    if (!watched_) {
      next_look_ = TimePoint::max();
      return;
    }
  }
  looked_ = now;
  next_look_ = now + kPatience;
}

void WorkerPool::Judge(TimePoint now) {
  const std::size_t held_up = HeldUp();
  if (marker_served_) {
    overloaded_ = false;
    watched_ = false;  // before the look at free_, so that a thread that comes between wakes us
    if (free_ > 0) return;
    watched_ = true;
    Mark();
    waited_ = {};
    return;
  }
  waited_ += std::min<std::chrono::nanoseconds>(now - looked_, kMostCounted);
  if (waited_ >= limits_.most_wait) overloaded_ = true;
  const std::size_t count = count_;
  if (count >= limits_.most_threads || count - std::min(held_up, count) >= limits_.processors) {
    return;
  }
  AddThreads(std::clamp<std::size_t>(held_up, 1, limits_.most_threads - count));
}

// Those that still do what they did at the last look, and wait for something other than a
// processor: more threads help those that wait for them, not those that wait for a processor.
std::size_t WorkerPool::HeldUp() {
  std::size_t count = 0;
  for (Worker& worker : workers_) {
    const std::uint64_t turns = worker.turns;
    const bool same = std::exchange(worker.turns_seen, turns) == turns;
    if (same && turns > 0 && !worker.ended && Sleeps(worker.state)) ++count;
  }
  return count;
}

std::vector<std::uint64_t> WorkerPool::TakeBacklog() {
  std::array<epoll_event, kMostTaken> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::vector<std::uint64_t> tags;
  for (const epoll_event& event : poller_.Wait(room, TimePoint::min())) {
    if (event.data.u64 == kMarkerTag) {
      Mark();
    } else if (event.data.u64 != kEndTag) {
      tags.push_back(event.data.u64);
    }
  }
  return tags;
}

}  // namespace injector::webhook
