#include "runtime/broken_streams.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace injector::test {
namespace {

constexpr std::chrono::milliseconds kLook(5);

}  // namespace

// One stream of a subscriber.
struct BrokenPubSub::Session {
  std::map<std::string, std::string> pending;  // id to data; guarded by the service's mutex
  std::atomic<bool> ended = false;
};

Status BrokenPubSub::Init(Context*, const pb::PubSubInitRequest*, pb::PubSubInitResponse*) {
  return Status::OK;
}

Status BrokenPubSub::Features(Context*, const pb::FeaturesRequest*, pb::FeaturesResponse* answer) {
  answer->add_features("BULK_PUBSUB");
  return Status::OK;
}

void BrokenPubSub::Enqueue(const std::string& topic, const std::string& data) {
  const std::lock_guard<std::mutex> lock(mutex_);
  queues_[defect_ == "topics-mixed" ? "all" : topic].push_back(data);
  changed_.notify_all();
}

Status BrokenPubSub::Publish(Context*, const pb::PublishRequest* request, pb::PublishResponse*) {
  Enqueue(request->topic(), request->data());
  return Status::OK;
}

Status BrokenPubSub::BulkPublish(Context*, const pb::BulkPublishRequest* request,
                                 pb::BulkPublishResponse*) {
  for (const auto& entry : request->entries()) {
    Enqueue(request->topic(), entry.event());
    if (defect_ == "bulk-publish-first-only") break;
  }
  return Status::OK;
}

void BrokenPubSub::Deliver(Context& context, Stream& stream, const std::string& topic,
                           Session& session) {
  auto& queue = [&]() -> std::deque<std::string>& {
    const std::lock_guard<std::mutex> lock(mutex_);
    return queues_[defect_ == "topics-mixed" ? "all" : topic];
  }();
  while (!session.ended && !context.IsCancelled()) {
    pb::PullMessagesResponse message;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait_for(lock, kLook);
      const bool stop = paused_ && defect_ != "pause-ignored";
      if (queue.empty() || stop) continue;
      message.set_data(queue.front());
      message.set_id(defect_ == "same-ids" ? "1" : std::to_string(++next_id_));
      session.pending[message.id()] = queue.front();
      queue.pop_front();
    }
    if (defect_ != "no-topic-name") message.set_topic_name(topic);
    if (!stream.Write(message)) return;
  }
}

void BrokenPubSub::Acknowledge(const pb::PullMessagesRequest& ack, const std::string& topic,
                               Session& session) {
  const auto found = session.pending.find(ack.ack_message_id());
  if (found == session.pending.end()) return;
  if (ack.has_ack_error() || defect_ == "acked-again") queues_[topic].push_front(found->second);
  session.pending.erase(found);
}

Status BrokenPubSub::PullMessages(Context* context, Stream* stream) {
  pb::PullMessagesRequest request;
  const bool any = stream->Read(&request);
  const bool named = any && request.has_topic() && !request.topic().name().empty();
  if (!named && defect_ != "topic-not-needed")
    return {grpc::StatusCode::INVALID_ARGUMENT, "the first message must name a topic"};
  const std::string topic = request.topic().name();
  Session session;
  std::thread sender([&] { Deliver(*context, *stream, topic, session); });
  Status status = Status::OK;
  while (stream->Read(&request)) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool known = session.pending.count(request.ack_message_id()) == 1;
    if (!known && defect_ == "unknown-ack-ends") {
      status = {grpc::StatusCode::NOT_FOUND, "no such message"};
      break;
    }
    if (request.has_ack_error() && defect_ == "rejected-ends") {
      status = {grpc::StatusCode::INTERNAL, request.ack_error().message()};
      break;
    }
    Acknowledge(request, topic, session);
  }
  session.ended = true;
  sender.join();
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [id, data] : session.pending) queues_[topic].push_front(data);
  return status;
}

Status BrokenPubSub::Pause(Context*, const pb::PauseRequest*, pb::PauseResponse*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  paused_ = true;
  return Status::OK;
}

Status BrokenPubSub::Resume(Context*, const pb::ResumeRequest*, pb::ResumeResponse*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  paused_ = false;
  return Status::OK;
}

Status BrokenInput::Read(Context* context,
                         grpc::ServerReaderWriter<pb::ReadResponse, pb::ReadRequest>* stream) {
  pb::ReadRequest request;
  if (defect_ == "input-waits-first" && !stream->Read(&request)) return Status::OK;
  std::mutex mutex;
  std::deque<std::string> again;
  std::map<std::string, std::string> pending;
  std::atomic<bool> ended = false;
  std::thread sender([&] {
    for (int tick = 1; !ended && !context->IsCancelled(); ++tick) {
      pb::ReadResponse event;
      event.set_message_id(defect_ == "input-same-ids" ? "1" : std::to_string(tick));
      {
        const std::lock_guard<std::mutex> lock(mutex);
        event.set_data(again.empty() ? "event " + std::to_string(tick) : again.front());
        if (!again.empty()) again.pop_front();
        pending[event.message_id()] = event.data();
      }
      if (!stream->Write(event)) return;
      std::this_thread::sleep_for(10 * kLook);
      if (defect_ == "input-stops" && tick == 1) return;
    }
  });
  while (stream->Read(&request)) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (pending.count(request.message_id()) == 0 && defect_ == "input-unknown-ends") break;
    if (request.has_response_error()) again.push_back(pending[request.message_id()]);
  }
  ended = true;
  sender.join();
  return Status::OK;
}

Status BrokenOutput::Invoke(Context*, const pb::InvokeRequest* request, pb::InvokeResponse*) {
  if (request->operation() == "create") {
    if (defect_ == "invoke-fails") return {grpc::StatusCode::UNKNOWN, "cannot create"};
    return Status::OK;
  }
  if (defect_ == "any-operation") return Status::OK;
  return {grpc::StatusCode::INVALID_ARGUMENT, "no such operation"};
}

Status BrokenOutput::ListOperations(Context*, const pb::ListOperationsRequest*,
                                    pb::ListOperationsResponse* answer) {
  if (defect_ != "no-operations") answer->add_operations("create");
  return Status::OK;
}

Status BrokenSecrets::Get(Context*, const pb::GetSecretRequest* request,
                          pb::GetSecretResponse* answer) {
  const bool known = request->key() == "token";
  if (!known && defect_ != "any-secret") return {grpc::StatusCode::NOT_FOUND, "no such secret"};
  (*answer->mutable_data())["token"] = defect_ == "secret-differs" ? "other" : "abc";
  return Status::OK;
}

Status BrokenSecrets::BulkGet(Context*, const pb::BulkGetSecretRequest*,
                              pb::BulkGetSecretResponse* answer) {
  if (defect_ == "bulk-secrets-fail") return {grpc::StatusCode::INTERNAL, "cannot list"};
  (*(*answer->mutable_data())["token"].mutable_secrets())["token"] = "abc";
  return Status::OK;
}

Status BrokenSecrets::Ping(Context*, const pb::PingRequest*, pb::PingResponse*) {
  if (defect_ == "secret-ping-fails") return {grpc::StatusCode::INTERNAL, "no pong"};
  return Status::OK;
}

}  // namespace injector::test
