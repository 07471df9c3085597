#include "runtime/fake_component.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "component_reflection.pb.h"

namespace injector::test {
namespace {

namespace wire = ::dapr::component::wire;

// One reflection stream: answers each question, or does what the style says instead.
class ReflectionStream final : public grpc::ServerGenericBidiReactor {
 public:
  explicit ReflectionStream(const ReflectionStyle& style) : style_(style) {
    if (style.fails) {
      Finish(grpc::Status(grpc::StatusCode::INTERNAL, "reflection is out of order"));
      return;
    }
    StartRead(&request_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    if (style_.mute) {
      StartRead(&request_);
      return;
    }
    wire::ServerReflectionResponse answer;
    if (style_.no_list) {
      answer.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
    } else {
      for (const std::string& service : style_.services)
        answer.mutable_list_services_response()->add_service()->set_name(service);
    }
    bool own = false;
    (void)grpc::SerializationTraits<wire::ServerReflectionResponse>::Serialize(answer, &response_,
                                                                               &own);
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) StartRead(&request_);
    if (!ok) Finish(grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  const ReflectionStyle& style_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class Refused final : public grpc::ServerGenericBidiReactor {
 public:
  Refused() { Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such call")); }
  void OnDone() override { delete this; }
};

}  // namespace

class FakeComponent::Reflection final : public grpc::CallbackGenericService {
 public:
  explicit Reflection(ReflectionStyle style) : style_(std::move(style)) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const std::string method = context->method();
    const bool known = (style_.v1alpha && method.find("/grpc.reflection.v1alpha.") == 0) ||
                       (style_.v1 && method.find("/grpc.reflection.v1.") == 0);
    if (!known) return new Refused;
    return new ReflectionStream(style_);
  }

 private:
  const ReflectionStyle style_;
};

FakeComponent::FakeComponent(const std::string& path, ReflectionStyle reflection,
                             const std::vector<grpc::Service*>& services)
    : reflection_(std::make_unique<Reflection>(std::move(reflection))) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
  for (grpc::Service* service : services) builder.RegisterService(service);
  builder.RegisterCallbackGenericService(reflection_.get());
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
