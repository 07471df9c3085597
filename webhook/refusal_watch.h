#pragma once

// Tells overload from single refusals: it begins with a 503 and ends when there was none for some
// seconds. So it is told twice, however many requests it costs.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "webhook/refusal_observer.h"
#include "webhook/socket.h"

namespace injector::webhook {

class RefusalWatch {
 public:
  static constexpr std::chrono::seconds kCalm{5};

  // In: `observer` may be null, and outlives the watch; `wake` asks, from any thread, for a Look.
  RefusalWatch(RefusalObserver* observer, std::function<void()> wake)
      : observer_(observer), wake_(std::move(wake)) {}

  // A request was refused, with this text. Threads: safe.
  void Note(int http_status, std::string_view text);

  // The rest is for one thread.
  void Look(TimePoint now);
  // max: not before `wake` was called.
  [[nodiscard]] TimePoint NextLook() const { return calm_at_; }

 private:
  RefusalObserver* const observer_;
  const std::function<void()> wake_;
  std::atomic<std::uint64_t> refused_{0};  // with 503, ever
  std::atomic<bool> overloaded_{false};
  std::mutex mutex_;
  std::string why_;  // guarded by mutex_: of the last one before overload was told

  // Of the thread that looks.
  std::uint64_t seen_ = 0;    // of refused_
  std::uint64_t before_ = 0;  // of refused_, when overload began
  TimePoint calm_at_ = TimePoint::max();
};

}  // namespace injector::webhook
