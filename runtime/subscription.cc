#include "runtime/subscription.h"

#include <utility>

#include "components_bindings.grpc.pb.h"
#include "components_pubsub.grpc.pb.h"
#include "runtime/kept_stream.h"

namespace injector::runtime {
namespace {

namespace pb = ::dapr::proto::components::v1;

// What both kinds of messages share.
template <class Response>
Delivery Shared(Response& response) {
  Delivery delivery;
  delivery.data = std::move(*response.mutable_data());
  delivery.content_type = response.content_type();
  delivery.metadata.insert(response.metadata().begin(), response.metadata().end());
  return delivery;
}

struct PullProtocol {
  using Service = pb::PubSub;
  using Request = pb::PullMessagesRequest;
  using Response = pb::PullMessagesResponse;
  using Stream = grpc::ClientReaderWriter<Request, Response>;

  std::string topic;
  Properties metadata;

  static std::unique_ptr<Stream> Start(Service::Stub& stub, grpc::ClientContext* context) {
    return stub.PullMessages(context);
  }
  bool Begin(Stream& stream) const {
    Request request;
    request.mutable_topic()->set_name(topic);
    for (const auto& [name, value] : metadata)
      (*request.mutable_topic()->mutable_metadata())[name] = value;
    return stream.Write(request);
  }
  static const std::string& IdOf(const Response& response) { return response.id(); }
  static Delivery Convert(Response response) {
    Delivery delivery = Shared(response);
    delivery.topic = response.topic_name();
    delivery.id = response.id();
    return delivery;
  }
  static Request Acknowledge(const std::string& id, const Reply& reply) {
    Request request;
    request.set_ack_message_id(id);
    if (reply.error) request.mutable_ack_error()->set_message(*reply.error);
    return request;
  }
};

struct ReadProtocol {
  using Service = pb::InputBinding;
  using Request = pb::ReadRequest;
  using Response = pb::ReadResponse;
  using Stream = grpc::ClientReaderWriter<Request, Response>;

  static std::unique_ptr<Stream> Start(Service::Stub& stub, grpc::ClientContext* context) {
    return stub.Read(context);
  }
  static bool Begin(Stream& /*stream*/) { return true; }
  static const std::string& IdOf(const Response& response) { return response.message_id(); }
  static Delivery Convert(Response response) {
    Delivery delivery = Shared(response);
    delivery.id = response.message_id();
    return delivery;
  }
  static Request Acknowledge(const std::string& id, const Reply& reply) {
    Request request;
    request.set_message_id(id);
    if (reply.error) {
      request.mutable_response_error()->set_message(*reply.error);
    } else {
      request.set_response_data(reply.data);
    }
    return request;
  }
};

}  // namespace

std::unique_ptr<Subscription> SubscribeTopic(Instance& instance, const std::string& topic,
                                             const Properties& metadata, DeliveryHandler handler,
                                             SubscriptionOptions options) {
  return std::make_unique<KeptStream<PullProtocol>>(instance, PullProtocol{topic, metadata},
                                                    std::move(handler), std::move(options));
}

std::unique_ptr<Subscription> ReadBinding(Instance& instance, DeliveryHandler handler,
                                          SubscriptionOptions options) {
  return std::make_unique<KeptStream<ReadProtocol>>(instance, ReadProtocol{}, std::move(handler),
                                                    std::move(options));
}

}  // namespace injector::runtime
