#pragma once
// The runtime's side of the wire for tests: one channel to one socket, calls with or without an
// instance, every call with a deadline so that nothing can hang a test.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "components_bindings.grpc.pb.h"
#include "components_pubsub.grpc.pb.h"
#include "components_secretstore.grpc.pb.h"
#include "components_state.grpc.pb.h"

namespace injector::test {

namespace pb = ::dapr::proto::components::v1;

class ComponentClient {
 public:
  explicit ComponentClient(const std::string& socket) {
    grpc::ChannelArguments arguments;
    // A channel of its own per client, as the runtime has one per instance.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(4 * 1024 * 1024);
    channel_ =
        grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), arguments);
  }

  static std::unique_ptr<grpc::ClientContext> Context(const std::string& instance) {
    auto context = std::make_unique<grpc::ClientContext>();
    if (!instance.empty()) context->AddMetadata("x-component-instance", instance);
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    return context;
  }

  // Calls `method`, a member of `Service`'s stub, and returns the status.
  template <typename Service, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                          Response*),
                    const std::string& instance, const Request& request, Response* response) {
    const auto stub = Service::NewStub(channel_);
    const auto context = Context(instance);
    return (stub.get()->*method)(context.get(), request, response);
  }

  grpc::Status InitState(const std::string& instance) {
    pb::InitResponse response;
    return Call<pb::StateStore>(&pb::StateStore::Stub::Init, instance, pb::InitRequest(),
                                &response);
  }
  grpc::Status InitPubSub(const std::string& instance,
                          const std::map<std::string, std::string>& properties = {}) {
    pb::PubSubInitRequest request;
    for (const auto& [name, value] : properties)
      (*request.mutable_metadata()->mutable_properties())[name] = value;
    pb::PubSubInitResponse response;
    return Call<pb::PubSub>(&pb::PubSub::Stub::Init, instance, request, &response);
  }
  grpc::Status Set(const std::string& instance, const std::string& key, const std::string& value) {
    pb::SetRequest request;
    request.set_key(key);
    request.set_value(value);
    pb::SetResponse response;
    return Call<pb::StateStore>(&pb::StateStore::Stub::Set, instance, request, &response);
  }
  std::string Get(const std::string& instance, const std::string& key) {
    pb::GetRequest request;
    request.set_key(key);
    pb::GetResponse response;
    const grpc::Status status =
        Call<pb::StateStore>(&pb::StateStore::Stub::Get, instance, request, &response);
    return status.ok() ? response.data() : "failed: " + status.error_message();
  }
  grpc::Status Publish(const std::string& instance, const std::string& topic,
                       const std::string& data) {
    pb::PublishRequest request;
    request.set_topic(topic);
    request.set_data(data);
    pb::PublishResponse response;
    return Call<pb::PubSub>(&pb::PubSub::Stub::Publish, instance, request, &response);
  }

  [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace injector::test
