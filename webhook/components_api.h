#pragma once

// Dapr's Components in the Kubernetes API: where they are, and what to do when they cannot be had.

#include <string>
#include <string_view>

#include "k8s/error.h"

namespace injector::webhook {

// The collection of one namespace; "" is the whole cluster.
[[nodiscard]] std::string ComponentsPath(std::string_view namespace_name);

// Whether the same call may succeed later without anybody's doing.
[[nodiscard]] bool PassesByItself(const k8s::ApiError& error);

// The error's sentence and what to do about it: the RBAC rule to add as YAML, the custom resource
// definition to install.
// In: `verb` that failed; `namespace_name` "" when it was asked of the whole cluster.
[[nodiscard]] std::string ExplainComponentsError(const k8s::ApiError& error, std::string_view verb,
                                                 std::string_view namespace_name);

}  // namespace injector::webhook
