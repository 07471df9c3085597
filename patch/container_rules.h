#pragma once

// The rules of core validation that the type of a field does not tell, one function each. They
// read a container whose types have been checked (container_schema.h).
// Source: validation of core/v1 Container in Kubernetes 1.28 to 1.36; where versions differ, or
// where the answer depends on the rest of the pod, the strictest.

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "patch/container_json.h"
#include "patch/json_shape.h"
#include "patch/result.h"

namespace injector::patch {

// The first broken rule as kInvalidContainer with a JSON pointer, nothing when there is none.
[[nodiscard]] std::optional<Error> FindBrokenRule(const nlohmann::json& container);

// The rules by group; `at` is the container's place. Each adds what is broken to `fault`.
void CheckImage(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckForeignFields(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckPorts(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckMounts(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckEnv(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckEnvFrom(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckProbes(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckLifecycle(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckResources(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckResizePolicy(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);
void CheckSecurityContext(const nlohmann::json& container, const JsonPlace& at, FirstFault& fault);

}  // namespace injector::patch
