#include "runtime/instance_init.h"

#include "components_bindings.grpc.pb.h"
#include "components_pubsub.grpc.pb.h"
#include "components_secretstore.grpc.pb.h"
#include "components_state.grpc.pb.h"

namespace injector::runtime {
namespace {

namespace pb = ::dapr::proto::components::v1;

// One Init with its deadline; Features comes out of the same time.
class Beginning {
 public:
  Beginning(const Instance& instance, const Connection& connection)
      : instance_(instance),
        connection_(connection),
        end_(std::chrono::system_clock::now() + instance.spec().init_timeout) {}

  template <class Service, class Request, class Response>
  Result<Response> Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                        const Request& request, const std::string& name) {
    grpc::ClientContext context;
    instance_.Prepare(context, std::chrono::milliseconds(0));
    context.set_deadline(end_);
    Response response;
    const auto stub = Service::NewStub(connection_.channel());
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (status.ok()) return response;
    Error error = ErrorOf(status);
    error.message = name + ": " + error.message;
    if (error.kind == ErrorKind::kTimeout)
      error.message = name + " did not answer within " +
                      std::to_string(instance_.spec().init_timeout.count()) + " ms";
    return tl::unexpected(error);
  }

  template <class Service, class Request, class Response>
  Result<Response> Init(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*)) {
    Request request;
    auto& properties = *request.mutable_metadata()->mutable_properties();
    for (const auto& [name, value] : instance_.spec().metadata) properties[name] = value;
    return Call<Service>(method, request, "Init");
  }

  // Init, then Features.
  template <class Service, class Request, class Response>
  Result<std::vector<std::string>> WithFeatures(
      grpc::Status (Service::Stub::*init)(grpc::ClientContext*, const Request&, Response*)) {
    const auto done = Init<Service>(init);
    if (!done) return tl::unexpected(done.error());
    const auto features =
        Call<Service>(&Service::Stub::Features, pb::FeaturesRequest(), "Features");
    if (!features) return tl::unexpected(features.error());
    return std::vector<std::string>(features->features().begin(), features->features().end());
  }

 private:
  const Instance& instance_;
  const Connection& connection_;
  const std::chrono::system_clock::time_point end_;
};

Result<std::vector<std::string>> InitOutput(Beginning& beginning) {
  const auto done = beginning.Init<pb::OutputBinding>(&pb::OutputBinding::Stub::Init);
  if (!done) return tl::unexpected(done.error());
  const auto listed = beginning.Call<pb::OutputBinding>(
      &pb::OutputBinding::Stub::ListOperations, pb::ListOperationsRequest(), "ListOperations");
  if (!listed) return tl::unexpected(listed.error());
  return std::vector<std::string>(listed->operations().begin(), listed->operations().end());
}

Result<std::vector<std::string>> InitInput(Beginning& beginning) {
  const auto done = beginning.Init<pb::InputBinding>(&pb::InputBinding::Stub::Init);
  if (!done) return tl::unexpected(done.error());
  return std::vector<std::string>();
}

}  // namespace

Result<std::vector<std::string>> InitInstance(const Instance& instance,
                                              const Connection& connection) {
  Beginning beginning(instance, connection);
  switch (instance.spec().kind) {
    case Kind::kPubSub:
      return beginning.WithFeatures<pb::PubSub>(&pb::PubSub::Stub::Init);
    case Kind::kState:
      return beginning.WithFeatures<pb::StateStore>(&pb::StateStore::Stub::Init);
    case Kind::kSecretStore:
      return beginning.WithFeatures<pb::SecretStore>(&pb::SecretStore::Stub::Init);
    case Kind::kOutputBinding:
      return InitOutput(beginning);
    case Kind::kInputBinding:
      return InitInput(beginning);
  }
  return Fail(ErrorKind::kNotFound, "there is no such kind of component");
}

}  // namespace injector::runtime
