#pragma once
// One stream from the component to the runtime, whose requests acknowledge what was sent.

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "completion_loop.h"
#include "outgoing_stream.h"
#include "server_core.h"
#include "status.h"

namespace dapr::component {

template <typename Request, typename Response>
struct StreamMethod {
  std::shared_ptr<ServerCore> core;
  MethodMetrics* metrics;
  std::function<void(grpc::ServerContext*, grpc::ServerAsyncReaderWriter<Response, Request>*,
                     void* tag)>
      request_call;
  bool opens_with_request;  // the first request belongs to `open`; else it is null there
  // Begins the subscription; an error ends the stream with it.
  std::function<Result<void>(const std::string& instance, const Request*,
                             const std::shared_ptr<OutgoingStream>&)>
      open;
  std::function<void(Request&, OutgoingStream&)> settle;  // any later request
  std::function<void(std::uint64_t id, Message, Response*)> encode;
};

template <typename Request, typename Response>
class StreamCall final : public StreamTransport {
 public:
  using Method = StreamMethod<Request, Response>;

  static void Await(std::shared_ptr<const Method> method) {
    auto* call = new StreamCall(std::move(method));  // deletes itself, see Release
    call->method_->request_call(&call->context_, &call->grpc_, &call->on_accepted_);
  }

  void Send(std::uint64_t id, Message message) override;

  void Finish(const Error* error) override {
    BeginFinish(error == nullptr ? grpc::Status::OK : ToGrpcStatus(*error));
  }

 private:
  // A tag that calls one member function.
  class Step final : public Completion {
   public:
    Step(StreamCall* call, void (StreamCall::*step)(bool)) : call_(call), step_(step) {}
    void Complete(bool ok) override {
      StreamCall* const call = call_;
      (call->*step_)(ok);
      call->Release();
    }

   private:
    StreamCall* const call_;
    void (StreamCall::*const step_)(bool);
  };

  explicit StreamCall(std::shared_ptr<const Method> method)
      : method_(std::move(method)), grpc_(&context_) {
    method_->core->CallBegins();
  }
  ~StreamCall() override {
    if (stream_) stream_->Detach("the stream ended");
    method_->core->CallEnds();
  }

  // Every operation that was started ends here; the last one frees the call.
  void Release();

  void OnAccepted(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool /*ok*/) {}
  void Open(const Request* first);
  void End(const grpc::Status& status);

  void BeginFinish(const grpc::Status& status);

  // Called with mutex_ held, as the two below.
  void StartFinish();
  void WriteNext();
  void ReadNext();

  const std::shared_ptr<const Method> method_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<Response, Request> grpc_;
  Step on_accepted_{this, &StreamCall::OnAccepted};
  Step on_read_{this, &StreamCall::OnRead};
  Step on_written_{this, &StreamCall::OnWritten};
  Step on_finished_{this, &StreamCall::OnFinished};
  Request request_;
  bool opened_ = false;                     // only touched between reads
  std::shared_ptr<OutgoingStream> stream_;  // from the accepted call on

  std::mutex mutex_;
  int operations_ = 1;  // guarded by mutex_, as what follows; begins with the wait for a call
  Response response_;
  std::deque<Response> queue_;
  bool writing_ = false;
  std::optional<grpc::Status> status_;  // set once: the call ends with it
};

}  // namespace dapr::component

#include "stream_call_steps.h"
