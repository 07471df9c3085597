#pragma once
// The steps of a StreamCall; include stream_call.h.

#include <utility>

#include "stream_call.h"

namespace dapr::component {

template <typename Request, typename Response>
void StreamCall<Request, Response>::Send(std::uint64_t id, Message message) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (status_) return;
  method_->encode(id, std::move(message), &queue_.emplace_back());
  if (!writing_) WriteNext();
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::Release() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--operations_ > 0) return;
  }
  delete this;
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::OnAccepted(bool ok) {
  if (!ok) return;
  Await(method_);
  stream_ = std::make_shared<OutgoingStream>(this, method_->core);
  // Before the handler runs: it may wait for acknowledgements, and must learn of a cancelled call.
  ReadNext();
  if (!method_->opens_with_request) Open(nullptr);
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::OnRead(bool ok) {
  if (!ok) {
    End(grpc::Status::OK);
    return;
  }
  if (method_->opens_with_request && !opened_) {
    opened_ = true;
    const Request first = std::move(request_);
    ReadNext();
    Open(&first);
    return;
  }
  method_->settle(request_, *stream_);
  ReadNext();
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::OnWritten(bool ok) {
  bool end = !ok;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    if (status_) {
      StartFinish();
    } else if (ok && !queue_.empty()) {
      WriteNext();
    }
    end = end && !status_;
  }
  if (end) End(grpc::Status::OK);
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::Open(const Request* first) {
  const Result<void> done = Guarded([this, first]() -> Result<void> {
    return method_->open(InstanceOf(context_), first, stream_);
  });
  if (!done) End(ToGrpcStatus(done.error()));
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::End(const grpc::Status& status) {
  stream_->Detach("the stream ended before the message was acknowledged");
  BeginFinish(status);
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::BeginFinish(const grpc::Status& status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (status_) return;
  status_ = status;
  ++method_->metrics->calls[static_cast<std::size_t>(status.error_code())];
  queue_.clear();
  if (!writing_) StartFinish();
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::StartFinish() {
  ++operations_;
  grpc_.Finish(*status_, &on_finished_);
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::WriteNext() {
  writing_ = true;
  ++operations_;
  response_ = std::move(queue_.front());
  queue_.pop_front();
  grpc::WriteOptions options;
  // More follows at once: one system call for several messages.
  if (!queue_.empty()) options.set_buffer_hint();
  grpc_.Write(response_, options, &on_written_);
}

template <typename Request, typename Response>
void StreamCall<Request, Response>::ReadNext() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (status_) return;
  ++operations_;
  grpc_.Read(&request_, &on_read_);
}

}  // namespace dapr::component
