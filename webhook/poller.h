#pragma once

// Waits for many sockets at once (epoll). Each is armed for one event: whoever gets it has the
// socket for himself until he arms it again.

#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include "webhook/socket.h"

namespace injector::webhook {

// Something to wait for that other threads raise (eventfd).
class Signal {
 public:
  Signal();
  [[nodiscard]] int descriptor() const { return event_.get(); }  // invalid: none was to be had
  // Threads: safe.
  void Raise() const;
  void Lower() const;

 private:
  FileDescriptor event_;
};

// Threads: safe, several may wait; each event goes to one of them.
class Poller {
 public:
  Poller();
  // False: the system had no descriptor for it.
  [[nodiscard]] bool valid() const { return epoll_.valid(); }

  // In: `events` of epoll, which are told for as long as they last; with EPOLLONESHOT once. `tag`
  // comes back with each event. A closed socket leaves by itself. False: the system refused.
  [[nodiscard]] bool Add(int descriptor, std::uint32_t events, std::uint64_t tag) const;
  // Also arms again, when the event is to be told once.
  void Change(int descriptor, std::uint32_t events, std::uint64_t tag) const;
  void Remove(int descriptor) const;

  // Those events, at most as many as there is room for, that are there by `until`; maybe none.
  // Those who have waited longest come first.
  [[nodiscard]] std::span<const epoll_event> Wait(std::span<epoll_event> room,
                                                  TimePoint until) const;

 private:
  FileDescriptor epoll_;
};

}  // namespace injector::webhook
