#pragma once

// What an API server would hold against a container: a second opinion for tests, written without
// the code under test.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace injector::test {

// In: a container as it stands in a patched pod; `init` tells the list it stands in.
// Out: one sentence for each fault.
[[nodiscard]] std::vector<std::string> ContainerFaults(const nlohmann::json& container, bool init);

// 1 to 63 of a-z, 0-9 and '-', no '-' at either end.
[[nodiscard]] bool IsLabel(const std::string& name);

}  // namespace injector::test
