#pragma once
// A pub/sub broker in memory: pubsub.memory-example.
//
// Each topic has one queue; the streams subscribed to it compete for its messages. A message
// leaves the queue for good when it was processed, or after maxAttempts rejections; a rejected
// one comes back after redeliveryDelay, one whose stream was lost at once and in front.
//
// Manifest metadata: redeliveryDelay (milliseconds, default 100), maxAttempts (default 0: for
// ever), maxInFlight (per stream, default 256), ordered (true: one message at a time), maxQueued
// (per topic, default 100000: Publish is refused above).

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "dapr_component_sdk/pubsub.h"

namespace memory_pubsub {

namespace component = dapr::component;

struct BrokerSettings {
  std::chrono::milliseconds redelivery_delay{100};
  std::size_t max_attempts = 0;
  std::size_t max_in_flight = 256;
  std::size_t max_queued = 100000;
};

// Errors: kInvalidArgument names the property and its value.
[[nodiscard]] component::Result<BrokerSettings> ParseSettings(
    const component::Properties& metadata);

class Broker final : public component::PubSub {
 public:
  Broker();
  ~Broker() override;

  component::Result<void> Init(const component::Properties& metadata) override;
  std::vector<component::PubSubFeature> Features() const override;
  component::Result<void> Publish(const component::PublishRequest& request) override;
  component::Result<void> Subscribe(const component::Subscription& subscription,
                                    std::shared_ptr<component::MessageStream> stream) override;

 private:
  struct Queued {
    component::Message message;
    std::uint64_t sequence = 0;  // in the order of publication
    std::size_t attempts = 0;
  };
  using QueuedPtr = std::shared_ptr<Queued>;
  struct Topic {
    std::deque<QueuedPtr> queue;
    std::vector<std::shared_ptr<component::MessageStream>> streams;
    std::size_t next_stream = 0;
    bool held = false;  // ordered: nothing leaves while a rejected message waits
  };
  struct Later {
    std::string topic;
    QueuedPtr message;  // null: only lift the hold
  };
  using Clock = std::chrono::steady_clock;

  // Hands out what the topic's streams take. With mutex_ held.
  void Pump(const std::string& name, Topic& topic);
  [[nodiscard]] bool Offer(const std::string& name, Topic& topic, const QueuedPtr& message);
  void Settle(const std::string& name, const QueuedPtr& message, const component::Outcome& outcome);
  void RedeliverLater(const std::string& name, Topic& topic, const QueuedPtr& message);
  void PumpTopic(const std::string& name);
  void RedeliverLoop();

  std::mutex mutex_;
  BrokerSettings settings_;  // guarded by mutex_, as what follows
  std::map<std::string, Topic> topics_;
  std::multimap<Clock::time_point, Later> later_;
  std::uint64_t published_ = 0;
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread redeliverer_;
};

}  // namespace memory_pubsub
