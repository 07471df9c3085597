#pragma once

// A pub/sub broker as daprd calls it.

#include <memory>
#include <string>
#include <vector>

#include "components_pubsub.pb.h"
#include "runtime/instance.h"
#include "runtime/subscription.h"
#include "runtime/topic_scopes.h"

namespace injector::runtime {

namespace pb = ::dapr::proto::components::v1;

// Errors and threads: as StateStore.
class PubSub {
 public:
  explicit PubSub(InstanceSpec spec, TopicScopes topics = {})
      : instance_(std::move(spec)), topics_(std::move(topics)) {}

  [[nodiscard]] Result<void> Init();
  [[nodiscard]] Result<std::vector<std::string>> Features();

  // The name of the pub/sub is filled in.
  // Errors: also kLimit for a topic that the application may not use, without calling the
  // component; so do BulkPublish and Subscribe.
  [[nodiscard]] Result<void> Publish(pb::PublishRequest request);
  // BulkPublish where the component has the feature BULK_PUBSUB; else one Publish for each entry,
  // in order.
  // Out: the entries that failed.
  [[nodiscard]] Result<pb::BulkPublishResponse> BulkPublish(pb::BulkPublishRequest request);

  // The subscription must end before this object does.
  [[nodiscard]] Result<std::unique_ptr<Subscription>> Subscribe(const std::string& topic,
                                                                const Properties& metadata,
                                                                DeliveryHandler handler,
                                                                SubscriptionOptions options = {});

  // No new deliveries on any stream of the instance; acks go on. Resume lifts it.
  [[nodiscard]] Result<void> Pause();
  [[nodiscard]] Result<void> Resume();
  [[nodiscard]] Result<void> Ping();
  [[nodiscard]] Instance& instance() { return instance_; }
  [[nodiscard]] const TopicScopes& topics() const { return topics_; }

 private:
  [[nodiscard]] Result<pb::BulkPublishResponse> PublishOneByOne(
      const pb::BulkPublishRequest& request, Deadline end);

  Instance instance_;
  const TopicScopes topics_;
};

}  // namespace injector::runtime
