#pragma once

// What every command that plans injections is told: the injector's settings and where Components
// and trust anchors come from. Filled by the command line from flags and environment.

#include <optional>
#include <string>
#include <vector>

#include "patch/settings.h"

namespace injector::webhook {

// Whether daprd gets its token volume.
enum class IdentityToken {
  kAlways,
  kNever,
  kAuto,  // Dapr's rule: when the injector itself has a service-account token on disk
};

// What "a current cluster" is: Kubernetes 1.36.
inline constexpr int kCurrentKubernetesMinor = 36;

struct CommonOptions {
  patch::Settings settings;
  std::string trust_anchors_file;      // PEM, followed while serving
  std::vector<std::string> resources;  // --resources: files and folders, in order
  std::optional<int> server_minor;     // --kubernetes-version 1.<minor>; offline: a current cluster
  IdentityToken identity_token = IdentityToken::kAlways;
  std::vector<std::string> warnings;  // on what was told: sentences to say first
};

}  // namespace injector::webhook
