#pragma once

// `component-injector serve`: the webhook.

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "webhook/caller_policy.h"
#include "webhook/certificate.h"
#include "webhook/certificate_watch.h"
#include "webhook/cli/common_options.h"
#include "webhook/cli/environment.h"
#include "webhook/component_handler.h"
#include "webhook/freshness.h"
#include "webhook/log.h"
#include "webhook/own_certificate.h"

namespace injector::webhook {

struct ListenOptions {
  std::string address;  // "" is every interface
  int port = 0;         // 0: the system chooses one, which the log names
};

enum class CertificateSource {
  kFiles,      // followed on disk
  kEphemeral,  // made for this run, trusted by whoever is told
  kOwn,        // made for this run, and put into the webhook configuration
};

// A certificate of our own: for which Service, and where it is published.
struct OwnCertificateSettings {
  ServiceName service;
  std::string mutating_name;
  std::string validating_name;  // "": none
  std::string pod_name;         // "": this host's name
  std::chrono::milliseconds lifetime = std::chrono::hours(24 * 7);
};

// The Kubernetes API as the source; of no effect with --resources.
struct ClusterOptions {
  std::string kubeconfig;  // used when this is no pod of a cluster; "": none
  Freshness freshness = Freshness::kAuto;
  std::vector<std::string> namespaces;  // empty: every one
  bool asks_version = true;             // false: --kubernetes-version says it
  bool root_allowed = false;            // else user id 0 is refused
  Environment environment;              // of a process in a pod
};

struct ServeOptions {
  CommonOptions common;
  ClusterOptions cluster;
  CallerPolicy callers;

  // Without files a cluster is the source.
  [[nodiscard]] bool InCluster() const { return common.resources.empty(); }

  ListenOptions webhook{"", 4000};
  ListenOptions health{"", 8080};
  ListenOptions metrics{"0.0.0.0", 9090};
  bool enable_metrics = true;

  CertificateSource certificate_source = CertificateSource::kEphemeral;
  CertificateFiles certificate_files;
  KeyType key_type = KeyType::kP256;
  std::string certificate_out;  // "": the ephemeral certificate is written nowhere

  OwnCertificateSettings own_certificate;
  ComponentValidation component_validation = ComponentValidation::kWarn;

  std::chrono::milliseconds drain_time{0};
  std::size_t max_body = std::size_t{8} << 20;
  std::size_t max_connections = 1024;
  std::size_t max_inflight_bytes = std::size_t{32} << 20;

  LogOptions log;
};

// Serves until SIGTERM, SIGINT or SIGHUP, then drains. Returns the exit code: 0 after a stop, 1
// when it could not start; a second signal ends the process at once with 1. Blocks: until then.
// Call it once, from the first thread, before others are started.
[[nodiscard]] int RunServe(const ServeOptions& options);

}  // namespace injector::webhook
