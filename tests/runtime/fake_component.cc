#include "runtime/fake_component.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/method_handler.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "component_reflection.pb.h"

namespace injector::test {
namespace {

namespace wire = ::dapr::component::wire;

using Request = wire::ServerReflectionRequest;
using Response = wire::ServerReflectionResponse;

using Stream = grpc::ServerReaderWriter<Response, Request>;

}  // namespace

// One version of the reflection service, put together as protoc's plugin does it.
class FakeComponent::Reflection final : public grpc::Service {
 public:
  Reflection(const std::string& version, ReflectionStyle style)
      : path_("/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo"),
        style_(std::move(style)) {
    const auto answer = [](Reflection* self, grpc::ServerContext* /*context*/, Stream* stream) {
      return self->Answer(*stream);
    };
    AddMethod(new grpc::internal::RpcServiceMethod(
        path_.c_str(), grpc::internal::RpcMethod::BIDI_STREAMING,
        new grpc::internal::BidiStreamingHandler<Reflection, Request, Response>(answer, this)));
  }

 private:
  // Answers each question, or does what the style says instead.
  [[nodiscard]] grpc::Status Answer(Stream& stream) const {
    if (style_.fails) return {grpc::StatusCode::INTERNAL, "reflection is out of order"};
    Request request;
    while (stream.Read(&request)) {
      if (style_.mute) continue;
      Response response;
      if (style_.no_list) {
        response.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
      } else {
        for (const std::string& service : style_.services)
          response.mutable_list_services_response()->add_service()->set_name(service);
      }
      stream.Write(response);
    }
    return grpc::Status::OK;
  }

  const std::string path_;
  const ReflectionStyle style_;
};

FakeComponent::FakeComponent(const std::string& path, const ReflectionStyle& reflection,
                             const std::vector<grpc::Service*>& services) {
  if (reflection.v1alpha)
    reflection_.push_back(std::make_unique<Reflection>("v1alpha", reflection));
  if (reflection.v1) reflection_.push_back(std::make_unique<Reflection>("v1", reflection));
  // gRPC serves nobody without any service, so there is one that nobody asks for.
  if (reflection_.empty()) reflection_.push_back(std::make_unique<Reflection>("v0", reflection));
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
  for (grpc::Service* service : services) builder.RegisterService(service);
  for (const auto& version : reflection_) builder.RegisterService(version.get());
  server_ = builder.BuildAndStart();
  if (!server_) throw std::runtime_error("no server at " + path);
}

FakeComponent::~FakeComponent() {
  Stop();
}

void FakeComponent::Stop() {
  if (!server_) return;
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_.reset();
}

}  // namespace injector::test
