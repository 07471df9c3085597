#pragma once

// The loop behind a Subscription, for either kind of stream. For subscription.cc alone.

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "runtime/open_stream.h"
#include "runtime/subscription.h"

namespace injector::runtime {

template <class Protocol>
class KeptStream final : public Subscription {
 public:
  KeptStream(Instance& instance, Protocol protocol, DeliveryHandler handler,
             SubscriptionOptions options)
      : instance_(instance),
        protocol_(std::move(protocol)),
        handler_(std::move(handler)),
        options_(std::move(options)),
        thread_([this] { Run(); }) {}
  ~KeptStream() override { Stop(); }

  void Stop() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      if (open_) open_->context.TryCancel();
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  using Open = OpenStream<Protocol>;

  void Run() {
    auto pause = options_.first_pause;
    while (!Stopping()) {
      if (Once()) pause = options_.first_pause;
      if (!options_.reopen) return;
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait_for(lock, pause, [this] { return stopping_; });
      pause = std::min(2 * pause, options_.longest_pause);
    }
  }

  // Opens the stream and reads it to its end. Returns whether a message came.
  bool Once() {
    const auto session = instance_.Use();
    if (!session) {
      Tell(SubscriptionEvent::Kind::kRefused, session.error().message);
      return false;
    }
    const auto open = std::make_shared<Open>();
    instance_.Prepare(open->context, std::chrono::milliseconds(0));
    open->stub = Protocol::Service::NewStub((*session)->connection->channel());
    if (!Publish(open)) return false;
    open->stream = protocol_.Start(*open->stub, &open->context);
    const bool any = protocol_.Begin(*open->stream) && ReadAll(open);
    const grpc::Status status = open->Finish();
    (void)Publish(nullptr);
    if (!Stopping())
      Tell(SubscriptionEvent::Kind::kEnded,
           status.ok() ? "the component ended the stream" : ErrorOf(status).message);
    return any;
  }

  bool ReadAll(const std::shared_ptr<Open>& open) {
    Tell(SubscriptionEvent::Kind::kOpened, "");
    bool any = false;
    typename Protocol::Response response;
    while (open->stream->Read(&response)) {
      any = true;
      const std::string id = protocol_.IdOf(response);
      handler_(protocol_.Convert(std::move(response)), [open, id](const Reply& reply) {
        (void)open->Write(Protocol::Acknowledge(id, reply));
      });
      response = {};
    }
    return any;
  }

  // Makes the stream known to Stop(); false when it came first.
  bool Publish(std::shared_ptr<Open> open) {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = std::move(open);
    return !stopping_;
  }
  bool Stopping() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stopping_;
  }
  void Tell(SubscriptionEvent::Kind kind, const std::string& message) {
    if (options_.on_event) options_.on_event({kind, message});
  }

  Instance& instance_;
  Protocol protocol_;
  DeliveryHandler handler_;
  SubscriptionOptions options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<Open> open_;  // guarded by mutex_, as what follows
  bool stopping_ = false;
  std::thread thread_;  // last: it uses what stands before
};

}  // namespace injector::runtime
