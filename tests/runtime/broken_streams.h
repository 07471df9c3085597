#pragma once

// Pub/sub, bindings and secrets of broken-component: right but for the one defect that is named.

#include <grpcpp/server_context.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "components_bindings.grpc.pb.h"
#include "components_pubsub.grpc.pb.h"
#include "components_secretstore.grpc.pb.h"

namespace injector::test {

namespace pb = ::dapr::proto::components::v1;
using Context = grpc::ServerContext;
using Status = grpc::Status;

class BrokenPubSub final : public pb::PubSub::Service {
 public:
  explicit BrokenPubSub(std::string defect) : defect_(std::move(defect)) {}

  Status Init(Context*, const pb::PubSubInitRequest*, pb::PubSubInitResponse*) override;
  Status Features(Context*, const pb::FeaturesRequest*, pb::FeaturesResponse* answer) override;
  Status Publish(Context*, const pb::PublishRequest* request, pb::PublishResponse*) override;
  Status BulkPublish(Context*, const pb::BulkPublishRequest* request,
                     pb::BulkPublishResponse*) override;
  Status PullMessages(
      Context*,
      grpc::ServerReaderWriter<pb::PullMessagesResponse, pb::PullMessagesRequest>* stream) override;
  Status Pause(Context*, const pb::PauseRequest*, pb::PauseResponse*) override;
  Status Resume(Context*, const pb::ResumeRequest*, pb::ResumeResponse*) override;
  Status Ping(Context*, const pb::PingRequest*, pb::PingResponse*) override { return Status::OK; }

 private:
  using Stream = grpc::ServerReaderWriter<pb::PullMessagesResponse, pb::PullMessagesRequest>;
  struct Session;
  void Deliver(Context& context, Stream& stream, const std::string& topic, Session& session);
  void Acknowledge(const pb::PullMessagesRequest& ack, const std::string& topic, Session& session);
  void Enqueue(const std::string& topic, const std::string& data);

  const std::string defect_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::deque<std::string>> queues_;  // guarded by mutex_, as what follows
  bool paused_ = false;
  int next_id_ = 0;
};

class BrokenInput final : public pb::InputBinding::Service {
 public:
  explicit BrokenInput(std::string defect) : defect_(std::move(defect)) {}
  Status Init(Context*, const pb::InputBindingInitRequest*,
              pb::InputBindingInitResponse*) override {
    return Status::OK;
  }
  Status Read(Context* context,
              grpc::ServerReaderWriter<pb::ReadResponse, pb::ReadRequest>* stream) override;
  Status Ping(Context*, const pb::PingRequest*, pb::PingResponse*) override { return Status::OK; }

 private:
  const std::string defect_;
};

class BrokenOutput final : public pb::OutputBinding::Service {
 public:
  explicit BrokenOutput(std::string defect) : defect_(std::move(defect)) {}
  Status Init(Context*, const pb::OutputBindingInitRequest*,
              pb::OutputBindingInitResponse*) override {
    return Status::OK;
  }
  Status Invoke(Context*, const pb::InvokeRequest* request, pb::InvokeResponse*) override;
  Status ListOperations(Context*, const pb::ListOperationsRequest*,
                        pb::ListOperationsResponse* answer) override;
  Status Ping(Context*, const pb::PingRequest*, pb::PingResponse*) override { return Status::OK; }

 private:
  const std::string defect_;
};

class BrokenSecrets final : public pb::SecretStore::Service {
 public:
  explicit BrokenSecrets(std::string defect) : defect_(std::move(defect)) {}
  Status Init(Context*, const pb::SecretStoreInitRequest*, pb::SecretStoreInitResponse*) override {
    return Status::OK;
  }
  Status Features(Context*, const pb::FeaturesRequest*, pb::FeaturesResponse*) override {
    return Status::OK;
  }
  Status Get(Context*, const pb::GetSecretRequest* request, pb::GetSecretResponse*) override;
  Status BulkGet(Context*, const pb::BulkGetSecretRequest*, pb::BulkGetSecretResponse*) override;
  Status Ping(Context*, const pb::PingRequest*, pb::PingResponse*) override;

 private:
  const std::string defect_;
};

}  // namespace injector::test
