#include "generic_call.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include <utility>

#include "reflection.h"

namespace dapr::component {
namespace {

constexpr char kReflectionV1Alpha[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
constexpr char kReflectionV1[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";

// grpc.health.v1.HealthCheckResponse { status = 1: SERVING = 1 }
constexpr char kServing[] = "\x08\x01";

// A name of a service or file, with room to spare; nothing larger is parsed.
constexpr std::size_t kMaxReflectionBytes = 4096;

}  // namespace

GenericCall::GenericCall(std::shared_ptr<const GenericMethod> method)
    : method_(std::move(method)), stream_(&context_) {
  method_->core->CallBegins();
}

GenericCall::~GenericCall() {
  method_->core->CallEnds();
}

void GenericCall::Await(std::shared_ptr<const GenericMethod> method) {
  auto* call = new GenericCall(std::move(method));  // deletes itself in Complete
  grpc::ServerCompletionQueue* const queue = call->method_->core->queue;
  call->method_->service->RequestCall(&call->context_, &call->stream_, queue, queue, call);
}

void GenericCall::Complete(bool ok) {
  if (step_ == Step::kFinish || (step_ == Step::kAccept && !ok)) {
    delete this;
    return;
  }
  if (step_ == Step::kAccept) {
    Await(method_);
    Begin();
  } else if (!ok) {
    Finish(grpc::Status::OK);  // the client has no further question
  } else if (step_ == Step::kRead) {
    OnRequest();
  } else {
    step_ = Step::kRead;
    request_.Clear();
    stream_.Read(&request_, this);
  }
}

void GenericCall::Begin() {
  const std::string& method = context_.method();
  reflection_ = method == kReflectionV1Alpha || method == kReflectionV1;
  if (!reflection_ && method != kHealthCheck) {
    method_->core->Log(LogLevel::kWarning, "call of a method that this component does not have");
    Finish({grpc::StatusCode::UNIMPLEMENTED, "this component does not have " + method});
    return;
  }
  step_ = Step::kRead;
  stream_.Read(&request_, this);
}

void GenericCall::OnRequest() {
  if (!reflection_) {
    const grpc::Slice slice(kServing, sizeof(kServing) - 1);
    response_ = grpc::ByteBuffer(&slice, 1);
    step_ = Step::kFinish;
    stream_.WriteAndFinish(response_, grpc::WriteOptions(), grpc::Status::OK, this);
    return;
  }
  wire::ServerReflectionRequest request;
  if (request_.Length() > kMaxReflectionBytes ||
      !grpc::GenericDeserialize<grpc::ProtoBufferReader, wire::ServerReflectionRequest>(&request_,
                                                                                        &request)
           .ok()) {
    Finish({grpc::StatusCode::INVALID_ARGUMENT, "this is no reflection request"});
    return;
  }
  bool own_buffer = false;
  const wire::ServerReflectionResponse response = AnswerReflection(request, method_->services);
  grpc::GenericSerialize<grpc::ProtoBufferWriter, wire::ServerReflectionResponse>(
      response, &response_, &own_buffer);
  step_ = Step::kWrite;
  stream_.Write(response_, this);
}

void GenericCall::Finish(const grpc::Status& status) {
  step_ = Step::kFinish;
  stream_.Finish(status, this);
}

}  // namespace dapr::component
