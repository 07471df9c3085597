#include "webhook/worker_pool.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace injector::webhook {
namespace {

enum Tag : std::uint64_t { kMarkerTag, kEndTag };

constexpr std::size_t kMostTaken = 256;

// Whether the thread waits for something other than a processor: the letter behind its name in
// brackets (proc(5)).
bool Sleeps(int id) {
  std::ifstream file("/proc/self/task/" + std::to_string(id) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t name_end = text.rfind(") ");
  return name_end != std::string::npos && text.compare(name_end + 2, 1, "R") != 0;
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
  worker.id = ::gettid();
  std::array<epoll_event, 1> room{};
  while (true) {
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
    marked_ = now;
  } else {
    Judge(now);
    if (!watched_) {
      next_look_ = TimePoint::max();
      return;
    }
  }
  next_look_ = now + kPatience;
}

void WorkerPool::Judge(TimePoint now) {
  if (marker_served_) {
    overloaded_ = false;
    watched_ = false;  // before the look at free_, so that a thread that comes between wakes us
    if (free_ > 0) return;
    watched_ = true;
    Mark();
    marked_ = now;
    return;
  }
  if (count_ < limits_.most_threads) {
    if (AllSleep()) AddThreads(std::min<std::size_t>(count_, limits_.most_threads - count_));
  } else if (now - marked_ >= limits_.most_wait) {
    overloaded_ = true;
  }
}

// More threads help those that wait for something, not those that wait for a processor.
bool WorkerPool::AllSleep() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const Worker& worker) { return worker.ended || Sleeps(worker.id); });
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
