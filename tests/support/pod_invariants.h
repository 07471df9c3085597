#pragma once

// What must hold for every patched pod, judged from the two pods alone: valid names, volumes and
// mounts, nothing of the original lost or changed, injected containers legal.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace injector::test {

// In: the pod as it came and as it is with the patch applied.
// Out: one sentence for each invariant that is broken and was not broken by the original itself.
[[nodiscard]] std::vector<std::string> BrokenInvariants(const nlohmann::json& original,
                                                        const nlohmann::json& patched);

}  // namespace injector::test
