#pragma once

// How much is worked on at once: a body needs many times its size while it is parsed. Bodies up to
// the usual size never wait; larger ones begin, first come first served, as long as those that have
// begun are not too much together, and one that is too much by itself begins alone. Who has waited
// for too long is taken out by whoever keeps the time.

#include <cstddef>
#include <deque>
#include <mutex>

#include "webhook/socket.h"

namespace injector::webhook {

class Seat;

// Threads: safe.
class LargeRequests {
 public:
  static constexpr std::size_t kUsualBytes = 65536;  // reviews of pods have 10 to 50 KB
  static constexpr std::size_t kMostBytes = std::size_t{2} << 20;  // of larger ones at once

  // Whether a request of `size` bytes may begin; when not, `seat` stays claimed and is kept for
  // Next or NextLate.
  [[nodiscard]] bool Begin(Seat& seat, std::size_t size, TimePoint now);
  // One that has begun is answered. True: so another one may begin, which Next gives.
  [[nodiscard]] bool End(std::size_t size);
  // Whoever has waited longest, when it may begin now, which it does; else null.
  [[nodiscard]] Seat* Next();
  [[nodiscard]] bool HasNext() const;
  // Whoever has waited longest, when that is since `limit` or before; it does not begin. Else null.
  [[nodiscard]] Seat* NextLate(TimePoint limit);
  // Since when that one has waited; max: nobody waits.
  [[nodiscard]] TimePoint WaitsSince() const;

 private:
  struct Waiting {
    Seat* seat;
    std::size_t size;
    TimePoint since;
  };
  [[nodiscard]] bool Fits(std::size_t size) const;
  [[nodiscard]] bool FirstFits() const;

  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;  // guarded by mutex_
  std::size_t bytes_ = 0;        // guarded by mutex_: of those that have begun
};

}  // namespace injector::webhook
