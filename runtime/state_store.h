#pragma once

// A state store as daprd calls it. Messages are the protocol's own.

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "components_state.pb.h"
#include "runtime/instance.h"

namespace injector::runtime {

namespace pb = ::dapr::proto::components::v1;

// Every call: errors kUnreachable, kDenied, kTimeout when the component cannot be reached or
// initialised, and those of its answer (runtime/call_error.h). Threads: safe. Every call ends
// within the instance's call_timeout, whatever it asks first.
class StateStore {
 public:
  explicit StateStore(InstanceSpec spec) : instance_(std::move(spec)) {}

  // Connects and calls Init now instead of at the first call.
  [[nodiscard]] Result<void> Init();
  // What the component said after Init.
  [[nodiscard]] Result<std::vector<std::string>> Features();

  // A key that does not exist is an answer without data and etag.
  [[nodiscard]] Result<pb::GetResponse> Get(const pb::GetRequest& request);
  // Errors: also kEtagMismatch, kEtagInvalid.
  [[nodiscard]] Result<void> Set(const pb::SetRequest& request);
  [[nodiscard]] Result<void> Delete(const pb::DeleteRequest& request);

  [[nodiscard]] Result<pb::BulkGetResponse> BulkGet(const pb::BulkGetRequest& request);
  // A request of one item is sent as Set or Delete, as daprd does.
  [[nodiscard]] Result<void> BulkSet(const pb::BulkSetRequest& request);
  [[nodiscard]] Result<void> BulkDelete(const pb::BulkDeleteRequest& request);

  [[nodiscard]] Result<pb::QueryResponse> Query(const pb::QueryRequest& request);
  // Errors: also kUnimplemented when the component does not have the feature TRANSACTIONAL; kLimit
  // when there are more operations than it takes, without calling it.
  [[nodiscard]] Result<void> Transact(const pb::TransactionalStateRequest& request);
  // The most operations of one transaction; nothing when there is no limit. Asked once for each
  // start of the component.
  [[nodiscard]] Result<std::optional<std::int64_t>> MaxOperations();

  [[nodiscard]] Result<void> Ping();
  [[nodiscard]] Instance& instance() { return instance_; }

 private:
  [[nodiscard]] Result<std::optional<std::int64_t>> MaxOperationsUntil(Deadline end);

  Instance instance_;
  std::timed_mutex mutex_;
  int limit_of_ = 0;  // the generation that limit_ is of; guarded by mutex_, as what follows
  std::optional<std::int64_t> limit_;
};

}  // namespace injector::runtime
