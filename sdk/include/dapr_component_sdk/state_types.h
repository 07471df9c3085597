#pragma once
// What a state store is asked and answers; the interfaces are in state_store.h.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dapr_component_sdk/error.h"

namespace dapr::component {

enum class Concurrency { kUnspecified, kFirstWrite, kLastWrite };
enum class Consistency { kUnspecified, kEventual, kStrong };

struct GetRequest {
  std::string key;  // opaque; the runtime has put its prefix in front
  Properties metadata;
  Consistency consistency = Consistency::kUnspecified;
};

// A key that does not exist is the default value: no data, no etag.
struct GetResponse {
  std::string data;
  std::optional<std::string> etag;
  Properties metadata;
  std::string content_type;
};

struct SetRequest {
  std::string key;
  std::string value;
  std::optional<std::string> etag;  // absent: unconditional; with kFirstWrite: must not exist
  Properties metadata;              // ttlInSeconds among others
  Concurrency concurrency = Concurrency::kUnspecified;
  Consistency consistency = Consistency::kUnspecified;
  std::string content_type;
};

struct DeleteRequest {
  std::string key;
  std::optional<std::string> etag;
  Properties metadata;
  Concurrency concurrency = Concurrency::kUnspecified;
  Consistency consistency = Consistency::kUnspecified;
};

struct BulkStateItem {
  std::string key;
  std::string data;
  std::optional<std::string> etag;
  std::string error;  // empty: the key was read, or does not exist
  Properties metadata;
  std::string content_type;
};

using StateOperation = std::variant<SetRequest, DeleteRequest>;

enum class SortOrder { kAscending, kDescending };

struct Query {
  std::map<std::string, std::string> filter;  // operator (EQ, IN, AND, ...) to its JSON operand
  std::vector<std::pair<std::string, SortOrder>> sort;
  std::int64_t limit = 0;  // 0 for no limit
  std::string token;       // where the page before ended
  Properties metadata;
};

struct QueryItem {
  std::string key;
  std::string data;
  std::optional<std::string> etag;
  std::string error;
  std::string content_type;
};

struct QueryResponse {
  std::vector<QueryItem> items;
  std::string token;  // empty: no further page
  Properties metadata;
};

}  // namespace dapr::component
