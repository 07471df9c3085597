#pragma once
// From the wire's messages to the SDK's types and back. Requests are moved from.

#include <google/protobuf/map.h>

#include <string>
#include <vector>

#include "components_bindings.pb.h"
#include "components_pubsub.pb.h"
#include "components_state.pb.h"
#include "dapr_component_sdk/bindings.h"
#include "dapr_component_sdk/pubsub.h"
#include "dapr_component_sdk/state_store.h"

namespace dapr::component {

namespace pb = ::dapr::proto::components::v1;
using WireProperties = google::protobuf::Map<std::string, std::string>;

[[nodiscard]] Properties FromWire(const WireProperties& properties);
void ToWire(const Properties& properties, WireProperties* out);

[[nodiscard]] GetRequest FromWire(pb::GetRequest& request);
[[nodiscard]] SetRequest FromWire(pb::SetRequest& request);
[[nodiscard]] DeleteRequest FromWire(pb::DeleteRequest& request);
[[nodiscard]] Query FromWire(pb::QueryRequest& request);
// Errors: kInvalidArgument when an operation is neither a set nor a delete.
[[nodiscard]] Result<std::vector<StateOperation>> FromWire(pb::TransactionalStateRequest& request);
[[nodiscard]] PublishRequest FromWire(pb::PublishRequest& request);
[[nodiscard]] BulkPublishRequest FromWire(pb::BulkPublishRequest& request);
[[nodiscard]] InvokeRequest FromWire(pb::InvokeRequest& request);

void ToWire(GetResponse response, pb::GetResponse* out);
void ToWire(BulkStateItem item, pb::BulkStateItem* out);
void ToWire(QueryResponse response, pb::QueryResponse* out);
void ToWire(InvokeResponse response, pb::InvokeResponse* out);

[[nodiscard]] const char* NameOf(StateFeature feature);
[[nodiscard]] const char* NameOf(PubSubFeature feature);

// Items of a repeated field.
template <typename Out, typename In>
std::vector<Out> FromWireList(google::protobuf::RepeatedPtrField<In>* items) {
  std::vector<Out> out;
  out.reserve(static_cast<std::size_t>(items->size()));
  for (In& item : *items) out.push_back(FromWire(item));
  return out;
}

}  // namespace dapr::component
