#pragma once

// A query as people write it for Dapr's API, to the component protocol's form.

#include <string>

#include "components_state.pb.h"
#include "runtime/result.h"

namespace injector::runtime {

// In: {"filter": {...}, "sort": [{"key", "order"}], "page": {"limit", "token"}}, each optional.
// Out: each operator's operand is JSON text in an Any without type, as daprd sends it.
// Errors: kManifest when `text` is no such object.
[[nodiscard]] Result<::dapr::proto::components::v1::Query> ParseQuery(const std::string& text);

}  // namespace injector::runtime
