#pragma once
// The runtime's end of one subscription, used step by step.

#include <memory>
#include <string>

#include "component_client.h"

namespace injector::test {

// One PullMessages stream, used step by step.
class PullStream {
 public:
  PullStream(ComponentClient& client, const std::string& instance)
      : stub_(pb::PubSub::NewStub(client.channel())),
        context_(ComponentClient::Context(instance)),
        stream_(stub_->PullMessages(context_.get())) {}

  void Subscribe(const std::string& topic) {
    pb::PullMessagesRequest request;
    request.mutable_topic()->set_name(topic);
    stream_->Write(request);
  }
  void Write(const pb::PullMessagesRequest& request) { stream_->Write(request); }
  void Ack(const std::string& id) {
    pb::PullMessagesRequest request;
    request.set_ack_message_id(id);
    stream_->Write(request);
  }
  void Nack(const std::string& id, const std::string& reason) {
    pb::PullMessagesRequest request;
    request.set_ack_message_id(id);
    request.mutable_ack_error()->set_message(reason);
    stream_->Write(request);
  }
  // Blocks for the next message; its id is empty when the stream has ended.
  pb::PullMessagesResponse Next() {
    pb::PullMessagesResponse message;
    if (!stream_->Read(&message)) message.Clear();
    return message;
  }
  grpc::Status Finish() {
    stream_->WritesDone();
    pb::PullMessagesResponse ignored;
    while (stream_->Read(&ignored)) continue;
    return stream_->Finish();
  }
  void Cancel() { context_->TryCancel(); }

 private:
  std::unique_ptr<pb::PubSub::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReaderWriter<pb::PullMessagesRequest, pb::PullMessagesResponse>>
      stream_;
};

}  // namespace injector::test
