#pragma once

// One stream to a component, used step by step: nothing is acknowledged or opened again unless the
// check says so. For the suites alone.

#include <grpcpp/support/sync_stream.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "runtime/instance.h"

namespace injector::runtime {

template <class Service, class Request, class Response>
class RawStream {
 public:
  using Stream = grpc::ClientReaderWriter<Request, Response>;
  using Opener =
      std::function<std::unique_ptr<Stream>(typename Service::Stub&, grpc::ClientContext*)>;

  // In: a session of `instance`, which must outlive the stream.
  RawStream(const Instance& instance, const Session& session, const Opener& open)
      : stub_(Service::NewStub(session.connection->channel())) {
    instance.Prepare(context_, std::chrono::minutes(2));  // so that no check can hang
    stream_ = open(*stub_, &context_);
    reader_ = std::thread([this] { Read(); });
  }
  ~RawStream() { (void)Finish(); }
  RawStream(const RawStream&) = delete;
  RawStream& operator=(const RawStream&) = delete;

  bool Write(const Request& request) { return stream_->Write(request); }

  // The next message; none when the stream has ended or nothing came in time.
  std::optional<Response> Next(std::chrono::milliseconds patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return !messages_.empty() || ended_; });
    if (messages_.empty()) return std::nullopt;
    Response message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

  // Whether the component ended the stream within that time, and how.
  std::optional<grpc::Status> EndWithin(std::chrono::milliseconds patience) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait_for(lock, patience, [this] { return ended_; });
      if (!ended_) return std::nullopt;
    }
    return Finish();
  }

  // Cancels what is still open.
  grpc::Status Finish() {
    if (!reader_.joinable()) return status_;
    context_.TryCancel();
    reader_.join();
    status_ = stream_->Finish();
    return status_;
  }

 private:
  void Read() {
    Response message;
    while (stream_->Read(&message)) {
      const std::lock_guard<std::mutex> lock(mutex_);
      messages_.push_back(std::move(message));
      changed_.notify_all();
      message = {};
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  grpc::ClientContext context_;
  std::unique_ptr<typename Service::Stub> stub_;
  std::unique_ptr<Stream> stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Response> messages_;  // guarded by mutex_, as what follows
  bool ended_ = false;
  grpc::Status status_;
  std::thread reader_;
};

}  // namespace injector::runtime
