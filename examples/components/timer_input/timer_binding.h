#pragma once
// An input binding on a timer: bindings.timer-example.
//
// Manifest metadata: interval, milliseconds between two events (default 1000). Each event is
// {"tick":N}. A rejected or lost event is fed again at the next tick, before any new one.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "dapr_component_sdk/bindings.h"

namespace timer_input {

class TimerBinding final : public dapr::component::InputBinding {
 public:
  TimerBinding() = default;
  ~TimerBinding() override;

  // Errors: kInvalidArgument when interval is no number from 1 to 86400000.
  dapr::component::Result<void> Init(const dapr::component::Properties& metadata) override;
  dapr::component::Result<void> Read(
      std::shared_ptr<dapr::component::MessageStream> stream) override;

 private:
  void Tick();
  // Feeds one event. With mutex_ held.
  void Feed(std::uint64_t number);
  // Puts an event that was not processed back in its place: the oldest goes first. With mutex_
  // held.
  void TakeBack(std::uint64_t number);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::chrono::milliseconds interval_{1000};                // guarded by mutex_, as what follows
  std::shared_ptr<dapr::component::MessageStream> stream_;  // the latest one is fed
  std::uint64_t ticks_ = 0;
  std::deque<std::uint64_t> again_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace timer_input
