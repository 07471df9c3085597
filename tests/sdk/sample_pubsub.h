#pragma once
// A pub/sub component for the tests of the SDK itself.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dapr_component_sdk/host.h"

namespace injector::test {

namespace sdk = dapr::component;

// What became of messages; a test may hold it longer than the component lives.
class OutcomeLog {
 public:
  void Add(const std::string& data, const sdk::Outcome& outcome) {
    static constexpr const char* kNames[] = {"processed", "rejected", "lost"};
    const std::lock_guard<std::mutex> lock(mutex_);
    outcomes_.push_back(data + " " + kNames[static_cast<int>(outcome.kind)]);
    added_.notify_all();
  }
  // Blocks until there are `count` outcomes.
  std::vector<std::string> WaitFor(std::size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    added_.wait_for(lock, std::chrono::seconds(20),
                    [this, count] { return outcomes_.size() >= count; });
    return outcomes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<std::string> outcomes_;
};

// Hands its streams to the test and records outcomes.
class SamplePubSub : public sdk::PubSub {
 public:
  sdk::Result<void> Init(const sdk::Properties&) override { return {}; }
  sdk::Result<void> Publish(const sdk::PublishRequest& request) override {
    if (request.data == "fail") return sdk::Fail(sdk::ErrorKind::kNotFound, "no such topic");
    published_bytes += request.data.size();
    return {};
  }
  sdk::Result<void> Subscribe(const sdk::Subscription& subscription,
                              std::shared_ptr<sdk::MessageStream> stream) override {
    if (subscription.topic == "forbidden")
      return sdk::Fail(sdk::ErrorKind::kPermissionDenied, "this topic is forbidden");
    if (subscription.topic == "in place") return DeliverInPlace(*stream);
    const std::lock_guard<std::mutex> lock(mutex_);
    stream_ = std::move(stream);
    arrived_.notify_all();
    return {};
  }
  std::vector<sdk::PubSubFeature> Features() const override {
    return {sdk::PubSubFeature::kBulkPublish, sdk::PubSubFeature::kMessageTtl};
  }

  // Blocks until a subscription is there.
  std::shared_ptr<sdk::MessageStream> Stream() {
    std::unique_lock<std::mutex> lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(20), [this] { return stream_ != nullptr; });
    return stream_;
  }
  // The next Stream() is a new subscription's.
  void Forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stream_.reset();
  }
  sdk::Delivery Deliver(const std::string& data) {
    sdk::Message message{data, "", {{"k", "v"}}, "text/plain"};
    sdk::OutcomeHandler handler = [log = log_, data](const sdk::Outcome& outcome) {
      log->Add(data, outcome);
    };
    return Stream()->TryDeliver(message, handler);
  }
  std::vector<std::string> Outcomes(std::size_t count) { return log_->WaitFor(count); }
  [[nodiscard]] std::shared_ptr<OutcomeLog> log() const { return log_; }

  std::atomic<std::size_t> published_bytes{0};

 private:
  // What a component should leave to a thread of its own; it must work all the same.
  sdk::Result<void> DeliverInPlace(sdk::MessageStream& stream) {
    stream.SetMaxInFlight(1);
    while (stream.Deliver({"in place", "", {}, ""}, nullptr) == sdk::Delivery::kAccepted) continue;
    return {};
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::shared_ptr<sdk::MessageStream> stream_;
  const std::shared_ptr<OutcomeLog> log_ = std::make_shared<OutcomeLog>();
};

}  // namespace injector::test
