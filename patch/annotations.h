#pragma once

// What a pod asks of the injector: its annotations, parsed once into values. First ReadGate, which
// is enough for pods that did not opt in; then ParsePodAnnotations.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patch/annotation.h"
#include "patch/annotation_values.h"
#include "patch/decision.h"
#include "patch/settings.h"

namespace injector::patch {

// Whether a pod opted in.
struct Gate {
  bool enabled = false;           // dapr.io/enabled is "true", letter case ignored, not trimmed
  bool enabled_spelling = false;  // it is another word for true, which does not count
};

// Source: Dapr 1.18 pkg/injector compares the text; its operator reads any spelling.
[[nodiscard]] Gate ReadGate(const AnnotationList& annotations);

// Views point into the annotations' text.
struct PodAnnotations {
  // The app and its channel.
  int app_port = 0;
  std::string_view app_protocol = "http";
  bool app_ssl = false;
  std::string_view app_channel_address;
  std::optional<std::int32_t> app_max_concurrency;
  std::string_view app_token_secret;
  std::string_view api_token_secret;
  std::optional<std::string_view> app_binding_options_timeout;
  bool enable_app_health_check = false;
  std::string_view app_health_check_path = "/healthz";
  int app_health_probe_interval = 5;   // seconds
  int app_health_probe_timeout = 500;  // milliseconds
  int app_health_threshold = 3;

  // daprd itself.
  std::string_view config;
  std::string_view log_level = "info";
  bool log_as_json = false;
  bool enable_profiling = false;
  std::optional<bool> enable_api_logging;
  bool enable_metrics = true;
  int metrics_port = 9090;
  bool enable_debug = false;
  int debug_port = 40000;
  int grpc_port = 50001;
  int internal_grpc_port = 50002;
  std::string_view listen_addresses = "[::1],127.0.0.1";
  std::optional<std::int32_t> http_max_request_size;
  std::string_view max_body_size;
  std::optional<std::int32_t> http_read_buffer_size;
  std::string_view read_buffer_size;
  std::int32_t graceful_shutdown_seconds = -1;
  std::optional<std::string_view> block_shutdown_duration;
  bool disable_secret_store = false;
  std::optional<std::string_view> placement_host_address;  // blank: no placement at all
  std::optional<std::string_view> scheduler_host_address;
  std::optional<std::string_view> actors_disseminate_timeout;
  std::string_view sentry_jwt_audiences;
  std::optional<std::string_view> disable_init_endpoints;

  // Its container.
  std::string_view sidecar_image;  // "" is the setting's
  std::vector<NameAndValue> env;
  std::vector<EnvFromSecret> env_from_secret;
  std::string_view cpu_request;
  std::string_view cpu_limit;
  std::string_view memory_request;
  std::string_view memory_limit;
  ProbeNumbers liveness{180, 3, 10, 5};
  ProbeNumbers readiness{1, 1, 1, 5};
  std::string_view seccomp_profile_type;
  std::string unix_domain_socket_path;
  std::vector<RequestedMount> mounts;  // read-only ones first, in text order
  bool native_sidecar = false;

  // Pluggable components.
  std::vector<std::string> pluggable_components;
  std::string sockets_folder;
  bool inject_components = false;

  // Ours.
  Ordering ordering;
  std::vector<std::string> after;
  std::vector<std::string> require;

  Decisions faults;  // values that were ignored, in the order of reading
};

// In: `annotations` and `settings`, whose texts must outlive the result.
// Out: every value is one that the API server accepts where it goes; the others are faults, and
// their default is in use.
[[nodiscard]] PodAnnotations ParsePodAnnotations(const AnnotationList& annotations,
                                                 const Settings& settings);

}  // namespace injector::patch
