#pragma once

// JSON as people review it: what fits stands in one line, long lists of short values fill lines.

#include <nlohmann/json.hpp>
#include <string>

namespace injector::test {

// The text of `value`, keys in their order, with a newline at the end: same value, same text.
[[nodiscard]] std::string PrettyJson(const nlohmann::ordered_json& value);

}  // namespace injector::test
