#pragma once

// The environment variables that Dapr's chart gives its injector, and ours. docs/configuration.md
// lists them with their defaults.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patch/settings.h"
#include "webhook/caller_policy.h"
#include "webhook/result.h"

namespace injector::webhook {

// The value of a variable; nothing when it is not set, which is not the same as empty.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// The process's own. Threads: only while nobody changes the environment.
[[nodiscard]] Environment ProcessEnvironment();

struct EnvironmentRules {
  bool required = true;     // SIDECAR_IMAGE and NAMESPACE must be set; else they have defaults
  std::string resolv_conf;  // text of /etc/resolv.conf, asked when KUBE_CLUSTER_DOMAIN is empty
  std::string default_wait_image;  // when COMPONENT_WAIT_IMAGE is not set
};

struct EnvironmentSettings {
  patch::Settings settings;
  std::string trust_anchors_file;
  CallerPolicy callers;
  std::vector<std::string> warnings;  // sentences for the start of the log
};

// Defaults for commands that run where nobody set the variables.
inline constexpr std::string_view kOfflineSidecarImage = "ghcr.io/dapr/daprd:1.18.3";
inline constexpr std::string_view kOfflineNamespace = "dapr-system";

// Errors: kUsage, naming the variable, for one that is missing or means nothing.
// Source: Dapr 1.18 pkg/injector/service/config.go, with the corrections of docs/configuration.md.
[[nodiscard]] Result<EnvironmentSettings> ReadEnvironment(const Environment& environment,
                                                          const EnvironmentRules& rules);

// The cluster's domain by the resolver's configuration: what stands behind "svc." among the
// domains of the last `search` line, else cluster.local.
[[nodiscard]] std::string ClusterDomainOf(std::string_view resolv_conf);

}  // namespace injector::webhook
