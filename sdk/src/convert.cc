#include "convert.h"

#include <utility>

namespace dapr::component {
namespace {

// A peer may send numbers that this version has no name for: they count as unspecified.
Consistency FromWire(pb::StateOptions::StateConsistency consistency) {
  switch (consistency) {
    case pb::StateOptions::CONSISTENCY_EVENTUAL:
      return Consistency::kEventual;
    case pb::StateOptions::CONSISTENCY_STRONG:
      return Consistency::kStrong;
    default:
      return Consistency::kUnspecified;
  }
}

Concurrency FromWire(pb::StateOptions::StateConcurrency concurrency) {
  switch (concurrency) {
    case pb::StateOptions::CONCURRENCY_FIRST_WRITE:
      return Concurrency::kFirstWrite;
    case pb::StateOptions::CONCURRENCY_LAST_WRITE:
      return Concurrency::kLastWrite;
    default:
      return Concurrency::kUnspecified;
  }
}

template <typename Message>
std::optional<std::string> EtagOf(Message& message) {
  if (!message.has_etag()) return std::nullopt;
  return std::move(*message.mutable_etag()->mutable_value());
}

template <typename Message>
void SetEtag(std::optional<std::string> etag, Message* out) {
  if (etag) out->mutable_etag()->set_value(std::move(*etag));
}

}  // namespace

Properties FromWire(const WireProperties& properties) {
  return {properties.begin(), properties.end()};
}

void ToWire(const Properties& properties, WireProperties* out) {
  for (const auto& [name, value] : properties) (*out)[name] = value;
}

GetRequest FromWire(pb::GetRequest& request) {
  return {std::move(*request.mutable_key()), FromWire(request.metadata()),
          FromWire(request.consistency())};
}

SetRequest FromWire(pb::SetRequest& request) {
  return {std::move(*request.mutable_key()),
          std::move(*request.mutable_value()),
          EtagOf(request),
          FromWire(request.metadata()),
          FromWire(request.options().concurrency()),
          FromWire(request.options().consistency()),
          std::move(*request.mutable_content_type())};
}

DeleteRequest FromWire(pb::DeleteRequest& request) {
  return {std::move(*request.mutable_key()), EtagOf(request), FromWire(request.metadata()),
          FromWire(request.options().concurrency()), FromWire(request.options().consistency())};
}

Query FromWire(pb::QueryRequest& request) {
  Query query;
  for (auto& [name, operand] : *request.mutable_query()->mutable_filter())
    query.filter[name] = std::move(*operand.mutable_value());
  for (const pb::Sorting& sorting : request.query().sort())
    query.sort.emplace_back(sorting.key(), sorting.order() == pb::Sorting::DESC
                                               ? SortOrder::kDescending
                                               : SortOrder::kAscending);
  query.limit = request.query().pagination().limit();
  query.token = request.query().pagination().token();
  query.metadata = FromWire(request.metadata());
  return query;
}

Result<std::vector<StateOperation>> FromWire(pb::TransactionalStateRequest& request) {
  std::vector<StateOperation> operations;
  operations.reserve(static_cast<std::size_t>(request.operations_size()));
  for (pb::TransactionalStateOperation& operation : *request.mutable_operations()) {
    if (operation.has_set())
      operations.emplace_back(FromWire(*operation.mutable_set()));
    else if (operation.has_delete_())
      operations.emplace_back(FromWire(*operation.mutable_delete_()));
    else
      return Fail(ErrorKind::kInvalidArgument,
                  "operation " + std::to_string(operations.size()) +
                      " of the transaction is neither a set nor a delete");
  }
  return operations;
}

PublishRequest FromWire(pb::PublishRequest& request) {
  return {std::move(*request.mutable_data()), std::move(*request.mutable_pubsub_name()),
          std::move(*request.mutable_topic()), FromWire(request.metadata()),
          std::move(*request.mutable_content_type())};
}

BulkPublishRequest FromWire(pb::BulkPublishRequest& request) {
  BulkPublishRequest out;
  for (pb::BulkMessageEntry& entry : *request.mutable_entries())
    out.entries.push_back({std::move(*entry.mutable_entry_id()), std::move(*entry.mutable_event()),
                           std::move(*entry.mutable_content_type()), FromWire(entry.metadata())});
  out.pubsub_name = request.pubsub_name();
  out.topic = request.topic();
  out.metadata = FromWire(request.metadata());
  return out;
}

InvokeRequest FromWire(pb::InvokeRequest& request) {
  return {std::move(*request.mutable_data()), FromWire(request.metadata()),
          std::move(*request.mutable_operation())};
}

void ToWire(GetResponse response, pb::GetResponse* out) {
  out->set_data(std::move(response.data));
  SetEtag(std::move(response.etag), out);
  ToWire(response.metadata, out->mutable_metadata());
  out->set_content_type(std::move(response.content_type));
}

void ToWire(BulkStateItem item, pb::BulkStateItem* out) {
  out->set_key(std::move(item.key));
  out->set_data(std::move(item.data));
  SetEtag(std::move(item.etag), out);
  out->set_error(std::move(item.error));
  ToWire(item.metadata, out->mutable_metadata());
  out->set_content_type(std::move(item.content_type));
}

void ToWire(QueryResponse response, pb::QueryResponse* out) {
  for (QueryItem& item : response.items) {
    pb::QueryItem* const wire = out->add_items();
    wire->set_key(std::move(item.key));
    wire->set_data(std::move(item.data));
    SetEtag(std::move(item.etag), wire);
    wire->set_error(std::move(item.error));
    wire->set_content_type(std::move(item.content_type));
  }
  out->set_token(std::move(response.token));
  ToWire(response.metadata, out->mutable_metadata());
}

void ToWire(InvokeResponse response, pb::InvokeResponse* out) {
  out->set_data(std::move(response.data));
  ToWire(response.metadata, out->mutable_metadata());
  out->set_content_type(std::move(response.content_type));
}

const char* NameOf(StateFeature feature) {
  switch (feature) {
    case StateFeature::kEtag:
      return "ETAG";
    case StateFeature::kTransactional:
      return "TRANSACTIONAL";
    case StateFeature::kQueryApi:
      return "QUERY_API";
    case StateFeature::kTtl:
      return "TTL";
    case StateFeature::kDeleteWithPrefix:
      return "DELETE_WITH_PREFIX";
    case StateFeature::kPartitionKey:
      return "PARTITION_KEY";
    case StateFeature::kKeysLike:
      return "KEYS_LIKE";
  }
  return "";
}

const char* NameOf(PubSubFeature feature) {
  switch (feature) {
    case PubSubFeature::kBulkPublish:
      return "BULK_PUBSUB";
    case PubSubFeature::kMessageTtl:
      return "MESSAGE_TTL";
    case PubSubFeature::kSubscribeWildcards:
      return "SUBSCRIBE_WILDCARDS";
    case PubSubFeature::kBulkSubscribeImmediate:
      return "BULK_SUBSCRIBE_IMMEDIATE";
  }
  return "";
}

}  // namespace dapr::component
