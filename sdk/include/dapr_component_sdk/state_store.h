#pragma once
// Interfaces of a state store. Derive from StateStore and, for what the store can do beyond it,
// from TransactionalStateStore and QueriableStateStore as well: the SDK offers the matching gRPC
// services and feature names by itself.
//
// One object serves one manifest (instance). All calls may come concurrently, Init too: it is
// repeated on the same object when the runtime restarts or reloads the manifest.

#include <cstdint>
#include <vector>

#include "dapr_component_sdk/error.h"
#include "dapr_component_sdk/state_types.h"

namespace dapr::component {

enum class StateFeature {
  kEtag,
  kTransactional,  // added by the SDK for a TransactionalStateStore
  kQueryApi,       // added by the SDK for a QueriableStateStore
  kTtl,
  kDeleteWithPrefix,
  kPartitionKey,
  kKeysLike,
};

class StateStore {
 public:
  virtual ~StateStore() = default;

  // Reads the manifest's metadata; other calls are refused until it succeeded once.
  [[nodiscard]] virtual Result<void> Init(const Properties& metadata) = 0;
  [[nodiscard]] virtual Result<GetResponse> Get(const GetRequest& request) = 0;
  // Errors: kEtagMismatch, kEtagInvalid as the etag demands; also Delete.
  [[nodiscard]] virtual Result<void> Set(const SetRequest& request) = 0;
  // Deleting a key that does not exist succeeds unless an etag was given.
  [[nodiscard]] virtual Result<void> Delete(const DeleteRequest& request) = 0;

  [[nodiscard]] virtual std::vector<StateFeature> Features() const { return {}; }
  // Bulk calls: by default one single call after the other. `parallelism` is a hint, 0 for none.
  [[nodiscard]] virtual Result<std::vector<BulkStateItem>> BulkGet(
      const std::vector<GetRequest>& requests, std::int64_t parallelism);
  // Stops at the first failure and reports it.
  [[nodiscard]] virtual Result<void> BulkSet(const std::vector<SetRequest>& requests,
                                             std::int64_t parallelism);
  [[nodiscard]] virtual Result<void> BulkDelete(const std::vector<DeleteRequest>& requests,
                                                std::int64_t parallelism);
  [[nodiscard]] virtual Result<void> Ping() { return {}; }
};

class TransactionalStateStore {
 public:
  virtual ~TransactionalStateStore() = default;

  // Carries out all operations in order, or none.
  [[nodiscard]] virtual Result<void> Transact(const std::vector<StateOperation>& operations,
                                              const Properties& metadata) = 0;
  // The most operations one transaction may have; 0 for no limit. Asked once per instance.
  [[nodiscard]] virtual std::int64_t MultiMaxSize() const { return 0; }
};

class QueriableStateStore {
 public:
  virtual ~QueriableStateStore() = default;
  [[nodiscard]] virtual Result<QueryResponse> Query(const component::Query& query) = 0;
};

}  // namespace dapr::component
