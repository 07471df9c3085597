#include "webhook/poller.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace injector::webhook {
namespace {

epoll_event EventOf(std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  return event;
}

// Milliseconds for epoll_wait: -1 is without end.
int PatienceUntil(TimePoint until) {
  using std::chrono::milliseconds;
  if (until == TimePoint::min()) return 0;
  if (until == TimePoint::max()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace

Signal::Signal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Signal::Raise() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = ::write(event_.get(), &one, sizeof(one));
}

void Signal::Lower() const {
  std::uint64_t times = 0;
  [[maybe_unused]] const ssize_t size = ::read(event_.get(), &times, sizeof(times));
}

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool Poller::Add(int descriptor, std::uint32_t events, std::uint64_t tag) const {
  epoll_event event = EventOf(events, tag);
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Poller::Change(int descriptor, std::uint32_t events, std::uint64_t tag) const {
  epoll_event event = EventOf(events, tag);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void Poller::Remove(int descriptor) const {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

std::span<const epoll_event> Poller::Wait(std::span<epoll_event> room, TimePoint until) const {
  const int found =
      ::epoll_wait(epoll_.get(), room.data(), static_cast<int>(room.size()), PatienceUntil(until));
  return room.first(static_cast<std::size_t>(std::max(found, 0)));
}

}  // namespace injector::webhook
