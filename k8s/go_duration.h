#pragma once

// Durations as Go writes them, the form of the API server's ?timeout=.

#include <chrono>
#include <optional>
#include <string_view>

namespace injector::k8s {

// "10s", "1.5s", "1m30s", "500ms", "100us"; empty for anything else, negative ones, and those
// beyond `most`.
// Source: Go's time.ParseDuration.
[[nodiscard]] std::optional<std::chrono::nanoseconds> ParseGoDuration(
    std::string_view text, std::chrono::hours most = std::chrono::hours(24));

}  // namespace injector::k8s
