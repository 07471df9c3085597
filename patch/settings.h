#pragma once

// What the injector was told when it started: the control plane's addresses, daprd's image and
// defaults, and our own settings. Immutable while admissions run. Defaults are those of Dapr 1.18
// and of docs/configuration.md.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace injector::patch {

inline constexpr int kDaprHttpPort = 3500;
inline constexpr int kDaprPublicPort = 3501;

// Where injected component containers go.
enum class Placement { kAuto, kSidecar, kContainer };

// Where the injected block of init containers stands among the user's own.
enum class InitPosition { kLast, kFirst };

// Which pods carry the status annotation.
enum class StatusAnnotation { kOff, kComponents, kAll };

// Settings that a pod annotation component-injector.dapr.io/<name> overrides.
struct Ordering {
  Placement placement = Placement::kAuto;
  InitPosition init_position = InitPosition::kLast;
  bool wait = true;
  std::string wait_timeout = "300s";  // as in the argument of `wait`: a number and s, m or h
};

// One entry of IGNORE_ENTRYPOINT_TOLERATIONS; a pod toleration matches when every field is equal.
struct Toleration {
  std::string key;
  std::string op;
  std::string value;
  std::string effect;
  std::optional<std::int64_t> seconds;

  friend bool operator==(const Toleration&, const Toleration&) = default;
};

// A service of the control plane that sidecars connect to: `name` is the kind of service,
// `host`:`port` its address inside the control plane's namespace.
struct ControlPlaneService {
  std::string name;
  std::string host;
  int port = 0;
};

struct Settings {
  // The control plane.
  std::string control_plane_namespace;           // NAMESPACE
  std::string cluster_domain = "cluster.local";  // KUBE_CLUSTER_DOMAIN
  std::string trust_domain = "cluster.local";    // DAPR_CONTROL_PLANE_TRUST_DOMAIN
  bool scheduler_enabled = true;                 // --scheduler-enabled
  bool actors_enabled = true;                    // ACTORS_ENABLED
  ControlPlaneService actors{"placement", "dapr-placement-server", 50005};
  std::optional<ControlPlaneService> reminders;  // REMINDERS_SERVICE_NAME and _ADDRESS

  // The daprd container.
  std::string sidecar_image;                         // SIDECAR_IMAGE
  std::string sidecar_image_pull_policy = "Always";  // SIDECAR_IMAGE_PULL_POLICY, resolved
  bool run_as_non_root = true;                       // SIDECAR_RUN_AS_NON_ROOT
  bool read_only_root_filesystem = true;             // SIDECAR_READ_ONLY_ROOT_FILESYSTEM
  bool drop_all_capabilities = false;                // SIDECAR_DROP_ALL_CAPABILITIES
  bool downward_apis = false;                        // ENABLE_K8S_DOWNWARD_APIS
  bool native_sidecar = false;                       // NATIVE_SIDECAR_ENABLED
  std::optional<std::int64_t> run_as_user;           // SIDECAR_RUN_AS_USER
  std::optional<std::int64_t> run_as_group;          // SIDECAR_RUN_AS_GROUP
  std::vector<Toleration> ignore_entrypoint_tolerations;

  // Pluggable components.
  std::string sockets_folder = "/tmp/dapr-components-sockets";
  Ordering ordering;
  std::vector<std::string> mesh_init_containers = {
      "istio-validation",          "istio-init",   "istio-proxy",
      "linkerd-network-validator", "linkerd-init", "linkerd-proxy",
      "consul-connect-inject-init"};
  std::string wait_image;  // empty: no wait container
  std::string wait_image_pull_policy = "IfNotPresent";
  std::string wait_cpu = "50m";
  std::string wait_memory = "32Mi";
  StatusAnnotation status_annotation = StatusAnnotation::kComponents;
};

// What the injector knows of its surroundings when an admission arrives.
struct Surroundings {
  std::string trust_anchors;               // PEM; goes into DAPR_TRUST_ANCHORS
  bool trust_anchors_placeholder = false;  // there is no file, and nobody will run the result
  bool mtls_enabled = true;                // Configuration daprsystem, spec.mtls.enabled
  bool identity_token = true;              // daprd gets a projected token volume
  std::optional<int> server_minor;         // Kubernetes 1.<minor>; nothing when unknown
};

}  // namespace injector::patch
