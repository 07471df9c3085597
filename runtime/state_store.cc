#include "runtime/state_store.h"

#include <algorithm>

#include "components_state.grpc.pb.h"

namespace injector::runtime {
Result<void> StateStore::Init() {
  return Done(instance_.Use());
}

Result<std::vector<std::string>> StateStore::Features() {
  const auto session = instance_.Use(instance_.CallEnd());
  if (!session) return tl::unexpected(session.error());
  return (*session)->features;
}

Result<pb::GetResponse> StateStore::Get(const pb::GetRequest& request) {
  return instance_.Call<pb::StateStore>(&pb::StateStore::Stub::Get, request);
}

Result<void> StateStore::Set(const pb::SetRequest& request) {
  return Done(instance_.Call<pb::StateStore>(&pb::StateStore::Stub::Set, request));
}

Result<void> StateStore::Delete(const pb::DeleteRequest& request) {
  return Done(instance_.Call<pb::StateStore>(&pb::StateStore::Stub::Delete, request));
}

Result<pb::BulkGetResponse> StateStore::BulkGet(const pb::BulkGetRequest& request) {
  return instance_.Call<pb::StateStore>(&pb::StateStore::Stub::BulkGet, request);
}

Result<void> StateStore::BulkSet(const pb::BulkSetRequest& request) {
  if (request.items_size() == 1) return Set(request.items(0));
  return Done(instance_.Call<pb::StateStore>(&pb::StateStore::Stub::BulkSet, request));
}

Result<void> StateStore::BulkDelete(const pb::BulkDeleteRequest& request) {
  if (request.items_size() == 1) return Delete(request.items(0));
  return Done(instance_.Call<pb::StateStore>(&pb::StateStore::Stub::BulkDelete, request));
}

Result<pb::QueryResponse> StateStore::Query(const pb::QueryRequest& request) {
  return instance_.Call<pb::QueriableStateStore>(&pb::QueriableStateStore::Stub::Query, request);
}

Result<std::optional<std::int64_t>> StateStore::MaxOperations() {
  return MaxOperationsUntil(instance_.CallEnd());
}

Result<std::optional<std::int64_t>> StateStore::MaxOperationsUntil(Deadline end) {
  const auto session = instance_.Use(end);
  if (!session) return tl::unexpected(session.error());
  const std::unique_lock<std::timed_mutex> lock(mutex_, end);
  if (!lock)
    return Fail(ErrorKind::kTimeout, "MultiMaxSize was not answered before the call's deadline");
  if (limit_of_ == (*session)->generation) return limit_;
  const auto answer = instance_.Call<pb::TransactionalStoreMultiMaxSize>(
      &pb::TransactionalStoreMultiMaxSize::Stub::MultiMaxSize, pb::MultiMaxSizeRequest(), end);
  limit_.reset();
  if (answer && answer->max_size() > 0) limit_ = answer->max_size();
  // Any answer, also none, is kept: daprd asks once.
  limit_of_ = (*session)->generation;
  return limit_;
}

Result<void> StateStore::Transact(const pb::TransactionalStateRequest& request) {
  const Deadline end = instance_.CallEnd();
  const auto session = instance_.Use(end);
  if (!session) return tl::unexpected(session.error());
  const auto& features = (*session)->features;
  if (std::find(features.begin(), features.end(), "TRANSACTIONAL") == features.end())
    return Fail(ErrorKind::kUnimplemented, "the store does not have the feature TRANSACTIONAL");
  const auto limit = MaxOperationsUntil(end);
  if (!limit) return tl::unexpected(limit.error());
  if (*limit && request.operations_size() > **limit)
    return Fail(ErrorKind::kLimit, std::to_string(request.operations_size()) +
                                       " operations, and the store takes " +
                                       std::to_string(**limit) + " in one transaction");
  return Done(instance_.Call<pb::TransactionalStateStore>(
      &pb::TransactionalStateStore::Stub::Transact, request, end));
}

Result<void> StateStore::Ping() {
  return Done(instance_.Call<pb::StateStore>(&pb::StateStore::Stub::Ping, pb::PingRequest()));
}

}  // namespace injector::runtime
