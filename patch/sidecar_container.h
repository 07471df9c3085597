#pragma once

// The daprd container. Source: Dapr 1.18 pkg/injector/patcher, flag for flag.

#include <string>
#include <string_view>
#include <vector>

#include "patch/annotations.h"
#include "patch/decision.h"
#include "patch/pod_view.h"
#include "patch/settings.h"

namespace injector::patch {

struct SidecarRequest {
  const PodView& pod;
  std::string_view pod_namespace;
  std::string_view app_id;
  bool component_sockets = false;                // the pod has the sockets volume
  bool native = false;                           // an init container with restartPolicy: Always
  bool startup_probe = false;                    // later init containers wait for it
  std::vector<int> taken_ports = {};             // of the node, by the pod's own containers
  std::string_view service_account_volume = {};  // to be mounted, "": none
};

// Returns the JSON of a core/v1 Container named daprd.
// Out: remarks on values that could not be given are appended to `decisions`.
[[nodiscard]] std::string BuildSidecarContainer(const SidecarRequest& request,
                                                const PodAnnotations& annotations,
                                                const Settings& settings,
                                                const Surroundings& surroundings,
                                                Decisions& decisions);

}  // namespace injector::patch
