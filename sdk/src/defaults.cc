// Bulk calls of components that have no better way than one single call after the other.
#include "dapr_component_sdk/pubsub.h"
#include "dapr_component_sdk/state_store.h"

namespace dapr::component {

Result<std::vector<BulkStateItem>> StateStore::BulkGet(const std::vector<GetRequest>& requests,
                                                       std::int64_t /*parallelism*/) {
  std::vector<BulkStateItem> items;
  items.reserve(requests.size());
  for (const GetRequest& request : requests) {
    BulkStateItem& item = items.emplace_back();
    item.key = request.key;
    Result<GetResponse> got = Get(request);
    if (!got) {
      item.error = got.error().message.empty() ? "failed" : got.error().message;
      continue;
    }
    item.data = std::move(got->data);
    item.etag = std::move(got->etag);
    item.metadata = std::move(got->metadata);
    item.content_type = std::move(got->content_type);
  }
  return items;
}

Result<void> StateStore::BulkSet(const std::vector<SetRequest>& requests,
                                 std::int64_t /*parallelism*/) {
  for (const SetRequest& request : requests) {
    Result<void> done = Set(request);
    if (!done) return done;
  }
  return {};
}

Result<void> StateStore::BulkDelete(const std::vector<DeleteRequest>& requests,
                                    std::int64_t /*parallelism*/) {
  for (const DeleteRequest& request : requests) {
    Result<void> done = Delete(request);
    if (!done) return done;
  }
  return {};
}

Result<std::vector<FailedEntry>> PubSub::BulkPublish(const BulkPublishRequest& request) {
  std::vector<FailedEntry> failed;
  for (const BulkEntry& entry : request.entries) {
    Properties metadata = request.metadata;
    for (const auto& [name, value] : entry.metadata) metadata[name] = value;
    Result<void> done =
        Publish({entry.event, request.pubsub_name, request.topic, metadata, entry.content_type});
    if (!done) failed.push_back({entry.entry_id, done.error().message});
  }
  return failed;
}

}  // namespace dapr::component
