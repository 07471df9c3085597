#pragma once

// What the app's containers are told about daprd.

#include <optional>
#include <string>
#include <string_view>

namespace injector::patch {

// The value of APP_PROTOCOL, or nothing for a protocol that daprd's clients do not know.
// In: the annotations app-protocol (any letter case, "" means http) and app-ssl.
// Source: Dapr 1.18 pkg/injector.
[[nodiscard]] std::optional<std::string> AppProtocol(std::string_view protocol, bool ssl);

}  // namespace injector::patch
