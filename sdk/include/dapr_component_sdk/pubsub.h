#pragma once
// Interface of a pub/sub broker. One object serves one manifest (instance); calls may come
// concurrently, Init again on the same object.

#include <memory>
#include <string>
#include <vector>

#include "dapr_component_sdk/error.h"
#include "dapr_component_sdk/message_stream.h"

namespace dapr::component {

struct PublishRequest {
  std::string data;  // a CloudEvent in JSON unless the application asked for raw payload
  std::string pubsub_name;
  std::string topic;
  Properties metadata;
  std::string content_type;
};

struct BulkEntry {
  std::string entry_id;
  std::string event;
  std::string content_type;
  Properties metadata;
};

struct BulkPublishRequest {
  std::vector<BulkEntry> entries;
  std::string pubsub_name;
  std::string topic;
  Properties metadata;
};

struct FailedEntry {
  std::string entry_id;
  std::string error;
};

struct Subscription {
  std::string topic;
  Properties metadata;
};

enum class PubSubFeature {
  kBulkPublish,  // the runtime calls BulkPublish
  kMessageTtl,
  kSubscribeWildcards,
  kBulkSubscribeImmediate,
};

class PubSub {
 public:
  virtual ~PubSub() = default;

  [[nodiscard]] virtual Result<void> Init(const Properties& metadata) = 0;
  // Success means that the broker has the message; the error's kind decides the API's answer.
  [[nodiscard]] virtual Result<void> Publish(const PublishRequest& request) = 0;
  // Begins a subscription: keep `stream` and deliver to it until it is closed. Returning an error
  // ends the stream with it. Called on a thread of the SDK: must not block.
  [[nodiscard]] virtual Result<void> Subscribe(const Subscription& subscription,
                                               std::shared_ptr<MessageStream> stream) = 0;

  [[nodiscard]] virtual std::vector<PubSubFeature> Features() const { return {}; }
  // The entries that failed; by default Publish is called for each entry.
  [[nodiscard]] virtual Result<std::vector<FailedEntry>> BulkPublish(
      const BulkPublishRequest& request);
  [[nodiscard]] virtual Result<void> Ping() { return {}; }
};

}  // namespace dapr::component
