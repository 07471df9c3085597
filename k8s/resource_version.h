#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace injector::k8s {

// metadata.resourceVersion of an object or a list; "" where there is none (meta/v1 ObjectMeta,
// ListMeta).
[[nodiscard]] std::string ResourceVersionOf(const nlohmann::json& object);

}  // namespace injector::k8s
