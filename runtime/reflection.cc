#include "runtime/reflection.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>

#include "component_reflection.pb.h"

namespace injector::runtime {
namespace {

namespace wire = ::dapr::component::wire;
using Stub =
    grpc::TemplatedGenericStub<wire::ServerReflectionRequest, wire::ServerReflectionResponse>;
using Stream =
    grpc::ClientAsyncReaderWriter<wire::ServerReflectionRequest, wire::ServerReflectionResponse>;

// One stream, step by step. The context's deadline ends each step.
class Conversation {
 public:
  Conversation(const std::shared_ptr<grpc::Channel>& channel, std::string_view version,
               Deadline deadline)
      : stub_(channel) {
    context_.set_deadline(deadline);
    stream_ = stub_.PrepareCall(
        &context_,
        "/grpc.reflection." + std::string(version) + ".ServerReflection/ServerReflectionInfo",
        &queue_);
  }
  ~Conversation() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) continue;
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // Whether an answer came; when none did, Finish() tells why.
  bool Ask(const wire::ServerReflectionRequest& request, wire::ServerReflectionResponse* answer) {
    stream_->StartCall(this);
    if (!Done()) return false;
    stream_->Write(request, this);
    if (!Done()) return false;
    stream_->Read(answer, this);
    return Done();
  }
  grpc::Status Finish(bool cancel) {
    if (cancel) context_.TryCancel();
    grpc::Status status;
    stream_->Finish(&status, this);
    (void)Done();
    return status;
  }

 private:
  bool Done() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  Stub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<Stream> stream_;
};

ErrorKind KindOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNIMPLEMENTED:
      return ErrorKind::kUnimplemented;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ErrorKind::kTimeout;
    case grpc::StatusCode::UNAVAILABLE:
      return ErrorKind::kUnreachable;
    default:
      return ErrorKind::kFailed;
  }
}

}  // namespace

Result<std::vector<std::string>> ListServices(const std::shared_ptr<grpc::Channel>& channel,
                                              std::string_view version, Deadline deadline) {
  constexpr int kMaxServices = 1024;
  wire::ServerReflectionRequest request;
  request.set_list_services("*");
  wire::ServerReflectionResponse answer;
  Conversation conversation(channel, version, deadline);
  if (!conversation.Ask(request, &answer)) {
    const grpc::Status status = conversation.Finish(false);
    return tl::unexpected<Error>(
        {KindOf(status.error_code()),
         status.ok() ? "reflection ended without an answer" : status.error_message(),
         status.error_code()});
  }
  (void)conversation.Finish(true);
  if (!answer.has_list_services_response())
    return Fail(ErrorKind::kFailed, "reflection answered without a list of services");
  std::vector<std::string> services;
  const auto& listed = answer.list_services_response().service();
  for (int i = 0; i < std::min(listed.size(), kMaxServices); ++i)
    services.push_back(listed[i].name());
  return services;
}

}  // namespace injector::runtime
