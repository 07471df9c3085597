#pragma once

// The state services of broken-component: right but for the one defect that is named.

#include <grpcpp/server_context.h>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "components_state.grpc.pb.h"

namespace injector::test {

namespace pb = ::dapr::proto::components::v1;
using Context = grpc::ServerContext;
using Status = grpc::Status;

class BrokenState final : public pb::StateStore::Service {
 public:
  explicit BrokenState(std::string defect) : defect_(std::move(defect)) {}

  Status Init(Context* context, const pb::InitRequest*, pb::InitResponse*) override;
  Status Features(Context*, const pb::FeaturesRequest*, pb::FeaturesResponse* answer) override;
  Status Get(Context*, const pb::GetRequest* request, pb::GetResponse* answer) override;
  Status Set(Context*, const pb::SetRequest* request, pb::SetResponse*) override;
  Status Delete(Context*, const pb::DeleteRequest* request, pb::DeleteResponse*) override;
  Status BulkGet(Context*, const pb::BulkGetRequest* request, pb::BulkGetResponse*) override;
  Status BulkSet(Context*, const pb::BulkSetRequest* request, pb::BulkSetResponse*) override;
  Status BulkDelete(Context*, const pb::BulkDeleteRequest* request,
                    pb::BulkDeleteResponse*) override;
  Status Ping(Context*, const pb::PingRequest*, pb::PingResponse*) override;

  Status Transact(const pb::TransactionalStateRequest& request);
  void Find(const std::string& value, pb::QueryResponse* answer);

 private:
  struct Value {
    std::string data;
    std::string etag;
  };
  Status Write(const pb::SetRequest& request);
  Status Remove(const pb::DeleteRequest& request);
  Status Mismatch() const;

  const std::string defect_;
  std::mutex mutex_;
  std::map<std::string, Value> values_;  // guarded by mutex_, as what follows
  std::set<std::string> instances_;
  int version_ = 0;
};

class BrokenTransactions final : public pb::TransactionalStateStore::Service {
 public:
  BrokenTransactions(std::string defect, BrokenState& state)
      : defect_(std::move(defect)), state_(state) {}
  Status Transact(Context*, const pb::TransactionalStateRequest* request,
                  pb::TransactionalStateResponse*) override;

 private:
  const std::string defect_;
  BrokenState& state_;
};

class BrokenQueries final : public pb::QueriableStateStore::Service {
 public:
  BrokenQueries(std::string defect, BrokenState& state)
      : defect_(std::move(defect)), state_(state) {}
  Status Query(Context*, const pb::QueryRequest* request, pb::QueryResponse* answer) override;

 private:
  const std::string defect_;
  BrokenState& state_;
};

}  // namespace injector::test
