#include "runtime/pubsub.h"

#include <algorithm>
#include <utility>

#include "components_pubsub.grpc.pb.h"

namespace injector::runtime {
namespace {

pb::PublishRequest OneOf(const pb::BulkPublishRequest& bulk, const pb::BulkMessageEntry& entry) {
  pb::PublishRequest request;
  request.set_data(entry.event());
  request.set_topic(bulk.topic());
  request.set_pubsub_name(bulk.pubsub_name());
  request.set_content_type(entry.content_type());
  *request.mutable_metadata() = bulk.metadata();
  for (const auto& [name, value] : entry.metadata()) (*request.mutable_metadata())[name] = value;
  return request;
}

}  // namespace

Result<void> PubSub::Init() {
  return Done(instance_.Use());
}

Result<std::vector<std::string>> PubSub::Features() {
  const auto session = instance_.Use(instance_.CallEnd());
  if (!session) return tl::unexpected(session.error());
  return (*session)->features;
}

Result<void> PubSub::Publish(pb::PublishRequest request) {
  auto topic = topics_.ForPublishing(request.topic());
  if (!topic) return tl::unexpected(std::move(topic.error()));
  request.set_topic(*std::move(topic));
  request.set_pubsub_name(instance_.spec().name);
  return Done(instance_.Call<pb::PubSub>(&pb::PubSub::Stub::Publish, request));
}

Result<pb::BulkPublishResponse> PubSub::PublishOneByOne(const pb::BulkPublishRequest& request,
                                                        Deadline end) {
  pb::BulkPublishResponse response;
  for (const auto& entry : request.entries()) {
    const auto published =
        instance_.Call<pb::PubSub>(&pb::PubSub::Stub::Publish, OneOf(request, entry), end);
    if (published) continue;
    auto& failed = *response.add_failed_entries();
    failed.set_entry_id(entry.entry_id());
    failed.set_error(published.error().message);
  }
  return response;
}

Result<pb::BulkPublishResponse> PubSub::BulkPublish(pb::BulkPublishRequest request) {
  auto topic = topics_.ForPublishing(request.topic());
  if (!topic) return tl::unexpected(std::move(topic.error()));
  request.set_topic(*std::move(topic));
  request.set_pubsub_name(instance_.spec().name);
  const Deadline end = instance_.CallEnd();
  const auto session = instance_.Use(end);
  if (!session) return tl::unexpected(session.error());
  const auto& features = (*session)->features;
  if (std::find(features.begin(), features.end(), "BULK_PUBSUB") == features.end())
    return PublishOneByOne(request, end);
  return instance_.Call<pb::PubSub>(&pb::PubSub::Stub::BulkPublish, request, end);
}

Result<std::unique_ptr<Subscription>> PubSub::Subscribe(const std::string& topic,
                                                        const Properties& metadata,
                                                        DeliveryHandler handler,
                                                        SubscriptionOptions options) {
  const auto name = topics_.ForSubscribing(topic);
  if (!name) return tl::unexpected(name.error());
  if (*name == topic)
    return SubscribeTopic(instance_, topic, metadata, std::move(handler), std::move(options));
  const auto hand_on = [this, handler = std::move(handler)](const Delivery& delivery,
                                                            const Answer& answer) {
    Delivery named = delivery;
    named.topic = topics_.OfDelivery(delivery.topic);
    handler(named, answer);
  };
  return SubscribeTopic(instance_, *name, metadata, hand_on, std::move(options));
}

Result<void> PubSub::Pause() {
  return Done(instance_.Call<pb::PubSub>(&pb::PubSub::Stub::Pause, pb::PauseRequest()));
}

Result<void> PubSub::Resume() {
  return Done(instance_.Call<pb::PubSub>(&pb::PubSub::Stub::Resume, pb::ResumeRequest()));
}

Result<void> PubSub::Ping() {
  return Done(instance_.Call<pb::PubSub>(&pb::PubSub::Stub::Ping, pb::PingRequest()));
}

}  // namespace injector::runtime
