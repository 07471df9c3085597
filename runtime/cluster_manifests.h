#pragma once

// Component manifests from the Kubernetes API.

#include <string>

#include "runtime/manifest.h"
#include "runtime/socket_files.h"

namespace injector::runtime {

struct ClusterChoice {
  std::string kubeconfig;  // "" is KUBECONFIG, else ~/.kube/config, else the pod's own account
  std::string context;     // "" is the current one
  std::string name_space;  // "" is that of the context
};

// The Components of one namespace, by name. Faults name the object as
// <server>/<namespace>/<name>:0.
// Errors: kManifest without a configuration; kUnreachable, kDenied or kFailed as the API answers.
// Blocks: for ten seconds at most.
[[nodiscard]] Result<ManifestSet> LoadClusterManifests(const ClusterChoice& choice,
                                                       const Environment& environment);

}  // namespace injector::runtime
