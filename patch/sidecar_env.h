#pragma once

// The environment of daprd.

#include <string>
#include <vector>

#include "patch/json_writer.h"
#include "patch/sidecar_container.h"

namespace injector::patch {

// Writes the list of core/v1 EnvVar in Dapr's order.
// Out: a remark for each name of the pod's that repeats one of daprd's own: the last one counts.
void WriteSidecarEnv(JsonWriter& json, const SidecarRequest& request,
                     const PodAnnotations& annotations, const Settings& settings,
                     const Surroundings& surroundings, Decisions& decisions);

// Whether the pod gives daprd a variable of that name.
[[nodiscard]] bool GivesSidecarEnv(const PodAnnotations& annotations, std::string_view name);

}  // namespace injector::patch
