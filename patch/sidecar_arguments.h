#pragma once

// The command line of daprd.

#include <string>
#include <string_view>
#include <vector>

#include "patch/annotations.h"
#include "patch/settings.h"

namespace injector::patch {

// Returns the arguments in Dapr's order, beginning with the program: /daprd, or /dlv and its own.
// Source: Dapr 1.18 pkg/injector/patcher/sidecar_container.go, order and conditions.
[[nodiscard]] std::vector<std::string> BuildSidecarArguments(std::string_view app_id,
                                                             const PodAnnotations& annotations,
                                                             const Settings& settings,
                                                             const Surroundings& surroundings);

}  // namespace injector::patch
