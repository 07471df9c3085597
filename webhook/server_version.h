#pragma once

// The API server's version as GET /version answers it.

#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace injector::webhook {

// The number behind the first dot: "32" and "32+" are 32; nothing when there is none.
// Source: k8s.io/apimachinery/pkg/version Info.
[[nodiscard]] std::optional<int> MinorOf(const nlohmann::json& version);

}  // namespace injector::webhook
