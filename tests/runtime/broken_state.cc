#include "runtime/broken_state.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "component_error_details.pb.h"

namespace injector::test {
namespace {

namespace wire = ::dapr::component::wire;

Status EtagError(int inner_code, const std::string& field) {
  wire::BadRequest violation;
  violation.add_field_violations()->set_field(field);
  wire::Status details;
  details.set_code(inner_code);
  details.set_message("etag mismatch");
  auto& any = *details.add_details();
  any.set_type_url("type.googleapis.com/google.rpc.BadRequest");
  violation.SerializeToString(any.mutable_value());
  return {grpc::StatusCode::FAILED_PRECONDITION, "etag mismatch", details.SerializeAsString()};
}

}  // namespace

Status BrokenState::Mismatch() const {
  constexpr int kFailedPrecondition = 9;
  constexpr int kUnknown = 2;
  if (defect_ == "etag-without-details")
    return {grpc::StatusCode::FAILED_PRECONDITION, "etag mismatch"};
  if (defect_ == "etag-inner-code") return EtagError(kUnknown, "etag");
  if (defect_ == "etag-other-field") return EtagError(kFailedPrecondition, "key");
  return EtagError(kFailedPrecondition, "etag");
}

Status BrokenState::Init(Context* context, const pb::InitRequest*, pb::InitResponse*) {
  std::string instance;
  const auto found = context->client_metadata().find("x-component-instance");
  if (found != context->client_metadata().end())
    instance.assign(found->second.data(), found->second.size());
  if (defect_ == "init-hangs") std::this_thread::sleep_for(std::chrono::seconds(8));
  if (defect_ == "needs-instance" && instance.empty())
    return {grpc::StatusCode::INVALID_ARGUMENT, "no instance"};
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!instances_.insert(instance).second && defect_ == "init-once")
    return {grpc::StatusCode::ALREADY_EXISTS, "it is initialised"};
  return Status::OK;
}

Status BrokenState::Features(Context*, const pb::FeaturesRequest*, pb::FeaturesResponse* answer) {
  if (defect_ == "no-features") return {grpc::StatusCode::UNIMPLEMENTED, "no Features"};
  for (const char* feature : {"ETAG", "TRANSACTIONAL", "QUERY_API"}) answer->add_features(feature);
  return Status::OK;
}

Status BrokenState::Get(Context*, const pb::GetRequest* request, pb::GetResponse* answer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = values_.find(request->key());
  if (found == values_.end()) {
    if (defect_ == "missing-key-fails") return {grpc::StatusCode::NOT_FOUND, "no such key"};
    if (defect_ == "missing-key-etag") answer->mutable_etag()->set_value("0");
    return Status::OK;
  }
  answer->set_data(found->second.data);
  if (defect_ != "no-etag") answer->mutable_etag()->set_value(found->second.etag);
  return Status::OK;
}

Status BrokenState::Write(const pb::SetRequest& request) {
  Value& value = values_[request.key()];
  const bool stale = request.has_etag() && request.etag().value() != value.etag;
  if (stale && defect_ != "stale-etag-accepted") return Mismatch();
  const bool first = request.options().concurrency() == pb::StateOptions::CONCURRENCY_FIRST_WRITE;
  if (first && !request.has_etag() && !value.etag.empty()) return Mismatch();
  value.data = request.value();
  // What treats values as C strings ends at the first NUL.
  if (defect_ == "bytes-cut") value.data = value.data.c_str();
  if (defect_ != "etag-stays" || value.etag.empty()) value.etag = std::to_string(++version_);
  return Status::OK;
}

Status BrokenState::Remove(const pb::DeleteRequest& request) {
  const auto found = values_.find(request.key());
  if (found == values_.end() && defect_ == "delete-missing-fails")
    return {grpc::StatusCode::NOT_FOUND, "no such key"};
  const std::string etag = found == values_.end() ? "" : found->second.etag;
  if (request.has_etag() && request.etag().value() != etag && defect_ != "stale-delete-accepted")
    return Mismatch();
  if (defect_ != "delete-does-nothing") values_.erase(request.key());
  return Status::OK;
}

Status BrokenState::Set(Context*, const pb::SetRequest* request, pb::SetResponse*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Write(*request);
}

Status BrokenState::Delete(Context*, const pb::DeleteRequest* request, pb::DeleteResponse*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Remove(*request);
}

Status BrokenState::BulkGet(Context*, const pb::BulkGetRequest* request,
                            pb::BulkGetResponse* answer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& item : request->items()) {
    const auto found = values_.find(item.key());
    if (found == values_.end() && defect_ == "bulk-get-drops-missing") continue;
    auto& added = *answer->add_items();
    added.set_key(item.key());
    if (found != values_.end()) added.set_data(found->second.data);
    if (found == values_.end() && defect_ == "bulk-get-error") added.set_error("no such key");
  }
  return Status::OK;
}

Status BrokenState::BulkSet(Context*, const pb::BulkSetRequest* request, pb::BulkSetResponse*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& item : request->items()) {
    const Status status = Write(item);
    if (!status.ok()) return status;
    if (defect_ == "bulk-set-first-only") break;
  }
  return Status::OK;
}

Status BrokenState::BulkDelete(Context*, const pb::BulkDeleteRequest* request,
                               pb::BulkDeleteResponse*) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& item : request->items()) {
    const Status status = Remove(item);
    if (!status.ok()) return status;
  }
  return Status::OK;
}

Status BrokenState::Ping(Context*, const pb::PingRequest*, pb::PingResponse*) {
  if (defect_ == "ping-fails") return {grpc::StatusCode::INTERNAL, "no pong"};
  return Status::OK;
}

Status BrokenState::Transact(const pb::TransactionalStateRequest& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto before = values_;
  for (const auto& operation : request.operations()) {
    const Status status =
        operation.has_set() ? Write(operation.set()) : Remove(operation.delete_());
    if (status.ok()) continue;
    if (defect_ != "transaction-not-atomic") values_ = before;
    return status;
  }
  return Status::OK;
}

void BrokenState::Find(const std::string& value, pb::QueryResponse* answer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [key, held] : values_) {
    if (held.data != value) continue;
    auto& item = *answer->add_items();
    item.set_key(key);
    item.set_data(held.data);
  }
}

Status BrokenTransactions::Transact(Context*, const pb::TransactionalStateRequest* request,
                                    pb::TransactionalStateResponse*) {
  if (defect_ != "transaction-reversed") return state_.Transact(*request);
  pb::TransactionalStateRequest reversed = *request;
  std::reverse(reversed.mutable_operations()->begin(), reversed.mutable_operations()->end());
  return state_.Transact(reversed);
}

Status BrokenQueries::Query(Context*, const pb::QueryRequest* request, pb::QueryResponse* answer) {
  const auto filter = request->query().filter().find("EQ");
  if (filter == request->query().filter().end()) return Status::OK;
  if (defect_ == "query-unpacks-any" && filter->second.type_url().empty())
    return {grpc::StatusCode::INVALID_ARGUMENT, "an operand without a type"};
  state_.Find(filter->second.value(), answer);
  return Status::OK;
}

}  // namespace injector::test
