#pragma once
// A state store on SQLite: state.sqlite-example. Etags, first-write, transactions, time to live,
// queries over JSON values.
//
// Manifest metadata: path (required), the database file; maxTransaction (default 0: no limit).

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dapr_component_sdk/state_store.h"
#include "database.h"

namespace sqlite_state {

namespace component = dapr::component;

class SqliteStore final : public component::StateStore,
                          public component::TransactionalStateStore,
                          public component::QueriableStateStore {
 public:
  component::Result<void> Init(const component::Properties& metadata) override;
  component::Result<component::GetResponse> Get(const component::GetRequest& request) override;
  component::Result<void> Set(const component::SetRequest& request) override;
  component::Result<void> Delete(const component::DeleteRequest& request) override;
  component::Result<void> BulkSet(const std::vector<component::SetRequest>& requests,
                                  std::int64_t parallelism) override;
  component::Result<void> BulkDelete(const std::vector<component::DeleteRequest>& requests,
                                     std::int64_t parallelism) override;
  component::Result<void> Transact(const std::vector<component::StateOperation>& operations,
                                   const component::Properties& metadata) override;
  std::int64_t MultiMaxSize() const override;
  component::Result<component::QueryResponse> Query(const component::Query& query) override;
  std::vector<component::StateFeature> Features() const override;

 private:
  // With mutex_ held.
  component::Result<void> Write(const component::SetRequest& request);
  component::Result<void> Remove(const component::DeleteRequest& request);
  template <typename Work>
  component::Result<void> InTransaction(const Work& work);

  mutable std::mutex mutex_;
  std::optional<Database> database_;  // guarded by mutex_, as what follows
  std::string path_;
  std::int64_t max_transaction_ = 0;
};

}  // namespace sqlite_state
