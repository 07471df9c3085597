#include "timer_binding.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace timer_input {

using dapr::component::Delivery;
using dapr::component::ErrorKind;
using dapr::component::Fail;
using dapr::component::Message;
using dapr::component::MessageStream;
using dapr::component::Outcome;
using dapr::component::OutcomeHandler;
using dapr::component::Properties;
using dapr::component::Result;

TimerBinding::~TimerBinding() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> TimerBinding::Init(const Properties& metadata) {
  long interval = 1000;
  const auto found = metadata.find("interval");
  if (found != metadata.end()) {
    const std::string& text = found->second;
    const auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), interval);
    if (fault != std::errc() || stop != text.data() + text.size() || interval < 1 ||
        interval > 86400000)
      return Fail(ErrorKind::kInvalidArgument,
                  "interval is \"" + text + "\", expected milliseconds from 1 to 86400000");
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  interval_ = std::chrono::milliseconds(interval);
  return {};
}

Result<void> TimerBinding::Read(std::shared_ptr<MessageStream> stream) {
  const std::lock_guard<std::mutex> lock(mutex_);
  stream_ = std::move(stream);
  if (!thread_.joinable()) thread_ = std::thread([this] { Tick(); });
  return {};
}

void TimerBinding::Tick() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, interval_, [this] { return stopping_; });
    if (stopping_) return;
    if (!stream_ || !stream_->IsOpen()) continue;  // nobody listens: the timer pauses
    std::uint64_t number = 0;
    if (!again_.empty()) {
      number = again_.front();
      again_.pop_front();
    } else {
      number = ++ticks_;
    }
    Feed(number);
  }
}

void TimerBinding::Feed(std::uint64_t number) {
  Message message;
  message.data = "{\"tick\":" + std::to_string(number) + "}";
  message.content_type = "application/json";
  OutcomeHandler handler = [this, number](const Outcome& outcome) {
    if (outcome.kind == Outcome::Kind::kProcessed) return;
    const std::lock_guard<std::mutex> guard(mutex_);
    TakeBack(number);
  };
  if (stream_->TryDeliver(message, handler) != Delivery::kAccepted) TakeBack(number);
}

void TimerBinding::TakeBack(std::uint64_t number) {
  again_.insert(std::lower_bound(again_.begin(), again_.end(), number), number);
}

}  // namespace timer_input
