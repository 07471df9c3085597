#pragma once
// One unary call, from the request for it until its answer is sent.

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "completion_loop.h"
#include "dapr_component_sdk/error.h"
#include "server_core.h"
#include "status.h"

namespace dapr::component {

template <typename Request, typename Response>
struct UnaryMethod {
  ServerCore* core;
  MethodMetrics* metrics;
  // Asks gRPC for the next call of this method.
  std::function<void(grpc::ServerContext*, Request*, grpc::ServerAsyncResponseWriter<Response>*,
                     void* tag)>
      request_call;
  // May move from the request. `instance` is empty when the caller named none.
  std::function<Result<void>(const std::string& instance, Request&, Response*)> handle;
};

template <typename Request, typename Response>
class UnaryCall final : public Completion {
 public:
  using Method = UnaryMethod<Request, Response>;

  static void Await(std::shared_ptr<const Method> method) {
    auto* call = new UnaryCall(std::move(method));  // deletes itself in Complete
    call->method_->request_call(&call->context_, &call->request_, &call->responder_, call);
  }

  void Complete(bool ok) override {
    if (!ok || answered_) {
      delete this;
      return;
    }
    answered_ = true;
    Await(method_);
    Answer();
  }

 private:
  explicit UnaryCall(std::shared_ptr<const Method> method)
      : method_(std::move(method)), responder_(&context_) {
    method_->core->CallBegins();
  }
  ~UnaryCall() override { method_->core->CallEnds(); }

  void Answer() {
    const Result<void> done = Guarded([this]() -> Result<void> {
      return method_->handle(InstanceOf(context_), request_, &response_);
    });
    const std::size_t bytes = done ? response_.ByteSizeLong() : 0;
    grpc::Status status = grpc::Status::OK;
    if (!done)
      status = ToGrpcStatus(done.error());
    else if (bytes > kMaxResponseBytes)
      status = grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                            "the component's answer has " + std::to_string(bytes) +
                                " bytes, the runtime receives at most 4194304 (4 MiB)");
    ++method_->metrics->calls[static_cast<std::size_t>(status.error_code())];
    if (status.ok())
      responder_.Finish(response_, status, this);
    else
      responder_.FinishWithError(status, this);
  }

  const std::shared_ptr<const Method> method_;
  grpc::ServerContext context_;
  Request request_;
  Response response_;
  grpc::ServerAsyncResponseWriter<Response> responder_;
  bool answered_ = false;
};

// Serves one method: `request` is the generated RequestX of the async service.
template <typename Service, typename Base, typename Request, typename Response>
void ServeUnary(ServerCore* core, Service* service, const char* name,
                void (Base::*request)(grpc::ServerContext*, Request*,
                                      grpc::ServerAsyncResponseWriter<Response>*,
                                      grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*),
                std::type_identity_t<decltype(UnaryMethod<Request, Response>::handle)> handle) {
  auto method = std::make_shared<UnaryMethod<Request, Response>>();
  method->core = core;
  method->metrics = core->metrics.Method(name);
  method->request_call = [core, service, request](auto* context, auto* message, auto* responder,
                                                  void* tag) {
    (service->*request)(context, message, responder, core->queue, core->queue, tag);
  };
  method->handle = std::move(handle);
  UnaryCall<Request, Response>::Await(std::move(method));
}

}  // namespace dapr::component
