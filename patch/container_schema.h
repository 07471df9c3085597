#pragma once

// What a container may look like: every field of a core/v1 Container with its type, in one table.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "patch/result.h"

namespace injector::patch {

// Checks a container that goes into somebody's pod, so that no API server from 1.28 to 1.36 refuses
// the pod because of it, be it among containers or, with restartPolicy: Always, among
// initContainers. What depends on the pod, name and image are the caller's.
// In: a JSON object. null means missing. Keys match exactly.
// Out: the JSON pointers of the first 16 members that are no fields we know, at every depth; a
// newer server may know them.
// Errors: kInvalidContainer with the JSON pointer of a field of the wrong type, or else with that
// of a value that breaks a rule (container_rules.h).
// Threads: safe.
// Source: core/v1 Container as of Kubernetes 1.36.
[[nodiscard]] Result<std::vector<std::string>> CheckContainer(const nlohmann::json& container);

}  // namespace injector::patch
