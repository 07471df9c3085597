#pragma once

// Where daprd's own mounts stand, and which of the volumes that a pod asks for can join them.

#include <string_view>
#include <vector>

#include "patch/annotations.h"
#include "patch/decision.h"
#include "patch/pod_view.h"

namespace injector::patch {

inline constexpr std::string_view kSidecarApiSocketPath = "/var/run/dapr-sockets";
inline constexpr std::string_view kIdentityTokenPath = "/var/run/secrets/dapr.io/sentrytoken";

// Whether daprd mounts, or may mount, a volume of its own at the path.
[[nodiscard]] bool IsReservedOnSidecar(std::string_view path);

// Returns the mounts of dapr.io/volume-mounts and -rw whose volume the incoming pod has and whose
// path is free on daprd; the others are said in `decisions`.
// In: `takes_sockets_folder` is true when daprd mounts the component sockets.
// Source: core/v1 VolumeMount.mountPath must be unique within a container.
[[nodiscard]] std::vector<RequestedMount> ResolveVolumeMounts(const PodAnnotations& annotations,
                                                              const PodView& pod,
                                                              bool takes_sockets_folder,
                                                              Decisions& decisions);

}  // namespace injector::patch
