#include <utility>

#include "components_pubsub.grpc.pb.h"
#include "convert.h"
#include "service.h"
#include "stream_call.h"
#include "unary_call.h"

namespace dapr::component {
namespace {

class PubSubService final : public KindService {
 public:
  explicit PubSubService(InstancesPtr instances) : instances_(std::move(instances)) {}

  std::vector<grpc::Service*> Services() override { return {&wired_}; }
  std::vector<std::string> Names() const override { return {pb::PubSub::service_full_name()}; }

  void Serve(const std::shared_ptr<ServerCore>& core) override {
    ServeLife(core.get());
    ServePublish(core.get());
    ServePause(core.get());
    ServePull(core);
  }

 private:
  using Wired = pb::PubSub::AsyncService;
  using Pull = StreamMethod<pb::PullMessagesRequest, pb::PullMessagesResponse>;

  void ServeLife(ServerCore* core);
  void ServePublish(ServerCore* core);
  void ServePause(ServerCore* core);
  void ServePull(const std::shared_ptr<ServerCore>& core);
  Result<void> Subscribe(const std::string& id, const pb::PullMessagesRequest& first,
                         const std::shared_ptr<OutgoingStream>& stream);

  template <typename Use>
  Result<void> With(const std::string& id, const Use& use) {
    Result<std::shared_ptr<Instance>> instance = instances_->FindReady(id, Kind::kPubSub);
    if (!instance) return tl::unexpected(instance.error());
    return use(**instance);
  }

  const InstancesPtr instances_;
  Wired wired_;
};

void PubSubService::ServeLife(ServerCore* core) {
  ServeUnary(core, &wired_, "PubSub.Init", &Wired::RequestInit,
             [this](const std::string& id, auto& request, auto*) -> Result<void> {
               const Properties metadata = FromWire(request.metadata().properties());
               Result<void> done = instances_->Initialise(
                   id, Kind::kPubSub,
                   [&](ComponentObject& object) { return object.pubsub->Init(metadata); });
               // A runtime pauses before it ends and never resumes: the next one begins anew.
               if (done) (*instances_->Find(id))->streams.SetPaused(false);
               return done;
             });
  ServeUnary(core, &wired_, "PubSub.Features", &Wired::RequestFeatures,
             [this](const std::string& id, auto&, auto* response) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               for (const PubSubFeature feature : (*instance)->object.pubsub->Features())
                 response->add_features(NameOf(feature));
               return {};
             });
  ServeUnary(core, &wired_, "PubSub.Ping", &Wired::RequestPing,
             [this](const std::string& id, auto&, auto*) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               return (*instance)->object.pubsub->Ping();
             });
}

void PubSubService::ServePublish(ServerCore* core) {
  ServeUnary(core, &wired_, "PubSub.Publish", &Wired::RequestPublish,
             [this](const std::string& id, auto& request, auto*) {
               return With(id, [&](Instance& instance) {
                 return instance.object.pubsub->Publish(FromWire(request));
               });
             });
  ServeUnary(core, &wired_, "PubSub.BulkPublish", &Wired::RequestBulkPublish,
             [this](const std::string& id, auto& request, auto* response) {
               return With(id, [&](Instance& instance) {
                 return instance.object.pubsub->BulkPublish(FromWire(request))
                     .map([&](std::vector<FailedEntry> failed) {
                       for (FailedEntry& entry : failed) {
                         auto* const wire = response->add_failed_entries();
                         wire->set_entry_id(std::move(entry.entry_id));
                         wire->set_error(std::move(entry.error));
                       }
                     });
               });
             });
}

void PubSubService::ServePause(ServerCore* core) {
  const auto set_paused = [this](const std::string& id, bool paused) {
    return With(id, [&](Instance& instance) -> Result<void> {
      instance.streams.SetPaused(paused);
      return {};
    });
  };
  ServeUnary(core, &wired_, "PubSub.Pause", &Wired::RequestPause,
             [set_paused](const std::string& id, auto&, auto*) { return set_paused(id, true); });
  ServeUnary(core, &wired_, "PubSub.Resume", &Wired::RequestResume,
             [set_paused](const std::string& id, auto&, auto*) { return set_paused(id, false); });
}

void PubSubService::ServePull(const std::shared_ptr<ServerCore>& core) {
  auto method = std::make_shared<Pull>();
  method->core = core;
  method->metrics = core->metrics.Method("PubSub.PullMessages");
  method->request_call = [this, queue = core->queue](auto* context, auto* stream, void* tag) {
    wired_.RequestPullMessages(context, stream, queue, queue, tag);
  };
  method->opens_with_request = true;
  method->open = [this](const std::string& id, const auto* first, const auto& stream) {
    return Subscribe(id, *first, stream);
  };
  method->settle = [](pb::PullMessagesRequest& request, OutgoingStream& stream) {
    if (request.has_ack_error())
      stream.Settle(request.ack_message_id(),
                    {Outcome::Kind::kRejected, request.ack_error().message()});
    else
      stream.Settle(request.ack_message_id(), {Outcome::Kind::kProcessed, ""});
  };
  method->encode = [](std::uint64_t id, Message message, pb::PullMessagesResponse* out) {
    out->set_data(std::move(message.data));
    out->set_topic_name(std::move(message.topic));
    ToWire(message.metadata, out->mutable_metadata());
    out->set_content_type(std::move(message.content_type));
    out->set_id(std::to_string(id));
  };
  StreamCall<pb::PullMessagesRequest, pb::PullMessagesResponse>::Await(std::move(method));
}

Result<void> PubSubService::Subscribe(const std::string& id, const pb::PullMessagesRequest& first,
                                      const std::shared_ptr<OutgoingStream>& stream) {
  if (!first.has_topic())
    return Fail(ErrorKind::kInvalidArgument,
                "the first message of PullMessages must name a topic; it had none");
  if (first.topic().name().empty())
    return Fail(ErrorKind::kInvalidArgument,
                "the topic of PullMessages' first message is empty; give its name");
  return With(id, [&](Instance& instance) {
    stream->SetTopic(first.topic().name());
    instance.streams.Add(stream);
    return instance.object.pubsub->Subscribe(
        {first.topic().name(), FromWire(first.topic().metadata())}, stream);
  });
}

}  // namespace

std::unique_ptr<KindService> MakePubSubService(InstancesPtr instances) {
  return std::make_unique<PubSubService>(std::move(instances));
}

}  // namespace dapr::component
