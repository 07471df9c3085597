#include <optional>
#include <utility>
#include <vector>

#include "patch/names.h"
#include "webhook/cli/options.h"
#include "webhook/cli/shared_options.h"
#include "webhook/webhook_configuration.h"

namespace injector::webhook {
namespace {

constexpr std::chrono::seconds kClusterDrainTime{15};

void ReadListeners(OptionReader& reader, ServeOptions& options) {
  reader.Port("port", options.webhook.port);
  reader.Text("listen-address", options.webhook.address);
  reader.Port("healthz-port", options.health.port);
  reader.Text("healthz-listen-address", options.health.address);
  reader.Switch("enable-metrics", options.enable_metrics);
  reader.Port("metrics-port", options.metrics.port, kExitFailed);
  reader.Text("metrics-listen-address", options.metrics.address);
}

void ReadCertificate(OptionReader& reader, ServeOptions& options) {
  using Source = CertificateSource;
  CertificateFiles& files = options.certificate_files;
  reader.Text("tls-cert-file", files.certificate);
  reader.Text("tls-private-key-file", files.key);
  reader.Choice("serving-key", options.key_type,
                {{"p256", KeyType::kP256}, {"rsa", KeyType::kRsa}});
  reader.Text("serving-certificate-out", options.certificate_out);
  const bool any_file = !files.certificate.empty() || !files.key.empty();
  const bool both_files = !files.certificate.empty() && !files.key.empty();
  const Source unnamed = options.InCluster() ? Source::kOwn : Source::kEphemeral;
  Source source = any_file ? Source::kFiles : unnamed;
  reader.Choice(
      "serving-certificate", source,
      {{"files", Source::kFiles}, {"ephemeral", Source::kEphemeral}, {"own", Source::kOwn}});
  options.certificate_source = source;
  if (source == Source::kOwn && !options.InCluster()) {
    reader.Fault(kExitUsage,
                 "--serving-certificate own: is published in a cluster, and --resources uses none");
  }
  if (source == Source::kOwn && any_file) {
    reader.Fault(kExitUsage, "--serving-certificate own: takes no certificate files");
  }
  if (source == Source::kFiles && !both_files) {
    reader.Fault(kExitUsage,
                 "--serving-certificate files: --tls-cert-file and --tls-private-key-file are "
                 "needed, both of them");
  }
  if (source == Source::kEphemeral && any_file) {
    reader.Fault(kExitUsage, "--serving-certificate ephemeral: takes no certificate files");
  }
  if (source != Source::kEphemeral && !options.certificate_out.empty()) {
    reader.Fault(kExitUsage, "--serving-certificate-out: there is no ephemeral certificate");
  }
}

// Names that become part of a path of the API.
void ReadName(OptionReader& reader, const Environment& environment, const char* variable,
              std::string& target) {
  std::string name = environment(variable).value_or("");
  if (name.empty()) return;
  if (!patch::IsDnsSubdomain(name)) {
    reader.Fault(kExitFailed,
                 std::string(variable) + ": expected the name of an object, found '" + name + "'");
  }
  target = std::move(name);
}

void ReadOwnCertificate(OptionReader& reader, const Environment& environment,
                        const std::string& control_plane, OwnCertificateSettings& own) {
  constexpr std::chrono::minutes kLeastLifetime(1);
  constexpr std::chrono::hours kMostLifetime(30 * 24);
  own.service = {control_plane, kDaprInjectorName};
  own.mutating_name = kDaprInjectorName;
  ReadName(reader, environment, "WEBHOOK_CONFIGURATION_NAME", own.mutating_name);
  ReadName(reader, environment, "VALIDATING_WEBHOOK_CONFIGURATION_NAME", own.validating_name);
  ReadName(reader, environment, "WEBHOOK_SERVICE_NAME", own.service.name);
  ReadName(reader, environment, "POD_NAMESPACE", own.service.namespace_name);
  own.pod_name = environment("HOSTNAME").value_or("");
  ReadName(reader, environment, "POD_NAME", own.pod_name);
  reader.Duration("serving-certificate-lifetime", own.lifetime, kMostLifetime);
  if (own.lifetime < kLeastLifetime) {
    reader.Fault(kExitUsage, "--serving-certificate-lifetime: expected a time from 1m to 720h");
  }
}

void ReadLimits(OptionReader& reader, ServeOptions& options) {
  if (options.InCluster()) options.drain_time = kClusterDrainTime;
  reader.Duration("drain-time", options.drain_time);
  reader.Bytes("max-body", options.max_body);
  reader.Count("max-connections", options.max_connections);
  reader.Bytes("max-inflight-bytes", options.max_inflight_bytes);
}

void ReadNamespaces(OptionReader& reader, std::vector<std::string>& namespaces) {
  reader.Names("namespaces", namespaces);
  for (const std::string& name : namespaces) {
    if (!patch::IsDnsLabel(name)) {
      reader.Fault(kExitUsage, "--namespaces: expected names of namespaces, found '" + name + "'");
    }
  }
}

// Checked with --resources too, so that a mistake shows before a cluster does.
void ReadCluster(OptionReader& reader, const Environment& environment, ClusterOptions& cluster) {
  const std::string home = environment("HOME").value_or("");
  if (!home.empty()) cluster.kubeconfig = home + "/.kube/config";
  reader.Text("kubeconfig", cluster.kubeconfig);
  reader.Choice(
      "component-freshness", cluster.freshness,
      {{"auto", Freshness::kAuto}, {"strict", Freshness::kStrict}, {"cached", Freshness::kCached}});
  ReadNamespaces(reader, cluster.namespaces);
  cluster.asks_version = !reader.Has("kubernetes-version");
  cluster.root_allowed = environment("DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK") == "true";
  cluster.environment = environment;
}

}  // namespace

OptionResult<ServeOptions> ReadServeOptions(const FlagValues& flags, const OptionSources& sources) {
  OptionReader reader(flags, sources.environment, kExitFailed);
  ServeOptions options;
  ReadLog(reader, options.log);
  ReadListeners(reader, options);
  reader.List("resources", options.common.resources);
  ReadCluster(reader, sources.environment, options.cluster);
  ReadCertificate(reader, options);
  ReadLimits(reader, options);
  auto environment = ReadEnvironment(sources.environment,
                                     {/*required=*/true, sources.resolv_conf, sources.wait_image});
  if (!environment) {
    reader.Fault(kExitFailed, environment.error().Text());
    return tl::unexpected(*reader.FirstFault());
  }
  ReadCommon(reader, *environment, WithoutResources::kCluster, options.common);
  ReadOwnCertificate(reader, sources.environment, options.common.settings.control_plane_namespace,
                     options.own_certificate);
  reader.Choice("component-validation", options.component_validation,
                {{"warn", ComponentValidation::kWarn},
                 {"deny", ComponentValidation::kDeny},
                 {"off", ComponentValidation::kOff}});
  if (reader.FirstFault()) return tl::unexpected(*reader.FirstFault());
  options.callers = std::move(environment->callers);
  return options;
}

}  // namespace injector::webhook
