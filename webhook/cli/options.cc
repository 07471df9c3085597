#include "webhook/cli/options.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "patch/names.h"

namespace injector::webhook {
namespace {

OptionFault Usage(std::string message) {
  return {kExitUsage, std::move(message)};
}

void ReadPlan(OptionReader& reader, CommonOptions& common) {
  using patch::InitPosition;
  using patch::Placement;
  using patch::StatusAnnotation;
  patch::Settings& settings = common.settings;
  patch::Ordering& ordering = settings.ordering;
  reader.Choice("component-placement", ordering.placement,
                {{"auto", Placement::kAuto},
                 {"sidecar", Placement::kSidecar},
                 {"container", Placement::kContainer}});
  reader.Choice("init-position", ordering.init_position,
                {{"last", InitPosition::kLast}, {"first", InitPosition::kFirst}});
  reader.Choice("component-wait", ordering.wait, {{"on", true}, {"off", false}});
  reader.WaitTimeout("wait-timeout", ordering.wait_timeout);
  reader.Quantity("wait-cpu", settings.wait_cpu);
  reader.Quantity("wait-memory", settings.wait_memory);
  reader.Names("mesh-init-containers", settings.mesh_init_containers);
  reader.Choice("status-annotation", settings.status_annotation,
                {{"components", StatusAnnotation::kComponents},
                 {"all", StatusAnnotation::kAll},
                 {"off", StatusAnnotation::kOff}});
  reader.Switch("scheduler-enabled", settings.scheduler_enabled);
}

// Components come from files, so no cluster is asked for anything.
void ReadCommon(OptionReader& reader, EnvironmentSettings& environment, CommonOptions& common) {
  common.settings = std::move(environment.settings);
  common.trust_anchors_file = std::move(environment.trust_anchors_file);
  common.warnings = std::move(environment.warnings);
  reader.List("resources", common.resources);
  common.identity_token = IdentityToken::kAlways;
  reader.Choice("identity-token", common.identity_token,
                {{"always", IdentityToken::kAlways},
                 {"never", IdentityToken::kNever},
                 {"auto", IdentityToken::kAuto}});
  common.server_minor = kCurrentKubernetesMinor;
  reader.KubernetesMinor("kubernetes-version", common.server_minor);
  ReadPlan(reader, common);
}

// As in Dapr, a level or a metrics port that means nothing is a fault of the start, not of usage.
void ReadLog(OptionReader& reader, LogOptions& log) {
  std::string level = "info";
  reader.Text("log-level", level);
  const auto parsed = ParseLogLevel(level);
  if (parsed) {
    log.level = *parsed;
  } else {
    reader.Fault(kExitFailed, "--log-level: " + parsed.error().Text());
  }
  reader.Switch("log-as-json", log.as_json);
  reader.Text("log-file", log.file);
}

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
  enum class Source { kFiles, kEphemeral, kOwn };
  CertificateFiles& files = options.certificate_files;
  reader.Text("tls-cert-file", files.certificate);
  reader.Text("tls-private-key-file", files.key);
  reader.Choice("serving-key", options.key_type,
                {{"p256", KeyType::kP256}, {"rsa", KeyType::kRsa}});
  reader.Text("serving-certificate-out", options.certificate_out);
  const bool any_file = !files.certificate.empty() || !files.key.empty();
  const bool both_files = !files.certificate.empty() && !files.key.empty();
  Source source = any_file ? Source::kFiles : Source::kEphemeral;
  reader.Choice(
      "serving-certificate", source,
      {{"files", Source::kFiles}, {"ephemeral", Source::kEphemeral}, {"own", Source::kOwn}});
  options.ephemeral_certificate = source == Source::kEphemeral;
  if (source == Source::kOwn) {
    reader.Fault(kExitFailed,
                 "--serving-certificate own: the Kubernetes API is not in this build, use files or "
                 "ephemeral");
  }
  if (source == Source::kFiles && !both_files) {
    reader.Fault(kExitUsage,
                 "--serving-certificate files: --tls-cert-file and --tls-private-key-file are "
                 "needed, both of them");
  }
  if (source == Source::kEphemeral && any_file) {
    reader.Fault(kExitUsage, "--serving-certificate ephemeral: takes no certificate files");
  }
  if (source == Source::kFiles && !options.certificate_out.empty()) {
    reader.Fault(kExitUsage, "--serving-certificate-out: there is no ephemeral certificate");
  }
}

void ReadLimits(OptionReader& reader, ServeOptions& options) {
  reader.Duration("drain-time", options.drain_time);
  reader.Bytes("max-body", options.max_body);
  reader.Count("max-connections", options.max_connections);
  reader.Bytes("max-inflight-bytes", options.max_inflight_bytes);
}

// Settings of the Kubernetes API: checked, so that a mistake shows before a cluster does.
void CheckClusterFlags(OptionReader& reader) {
  int ignored = 0;
  reader.Choice("component-freshness", ignored, {{"auto", 0}, {"strict", 0}, {"cached", 0}});
  reader.Choice("component-validation", ignored, {{"warn", 0}, {"deny", 0}, {"off", 0}});
  std::vector<std::string> namespaces;
  reader.Names("namespaces", namespaces);
  for (const std::string& name : namespaces) {
    if (!patch::IsDnsLabel(name)) {
      reader.Fault(kExitUsage, "--namespaces: expected names of namespaces, found '" + name + "'");
    }
  }
}

// The environment for commands that nobody installed; what it lacks has defaults.
OptionResult<EnvironmentSettings> ReadOfflineEnvironment(const OptionSources& sources) {
  auto environment = ReadEnvironment(sources.environment,
                                     {/*required=*/false, sources.resolv_conf, sources.wait_image});
  if (!environment) return tl::unexpected(Usage(environment.error().Text()));
  return *std::move(environment);
}

std::vector<std::string> SplitPaths(std::string_view text) {
  std::vector<std::string> paths;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(':'), text.size());
    if (end > 0) paths.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return paths;
}

// As kubectl looks for its kubeconfig.
void ReadKubeconfig(const OptionReader& reader, const Environment& environment,
                    ClusterAccess& access) {
  std::string named;
  reader.Text("kubeconfig", named);
  access.kubeconfigs = {named};
  access.is_named = true;
  if (!named.empty()) return;
  access.kubeconfigs = SplitPaths(environment("KUBECONFIG").value_or(""));
  if (!access.kubeconfigs.empty()) return;
  access.is_named = reader.Has("context");
  access.kubeconfigs = {environment("HOME").value_or("") + "/.kube/config"};
}

std::optional<ClusterAccess> ReadCluster(OptionReader& reader, const Environment& environment,
                                         const patch::Settings& settings) {
  bool from_cluster = false;
  reader.Switch("from-cluster", from_cluster);
  for (const char* flag : {"kubeconfig", "context"}) {
    if (!from_cluster && reader.Has(flag)) {
      reader.Fault(kExitUsage, "--" + std::string(flag) + ": needs --from-cluster");
    }
  }
  if (!from_cluster) return std::nullopt;
  if (reader.Has("resources")) {
    reader.Fault(kExitUsage, "--from-cluster: takes no --resources; name files with --filename");
  }
  ClusterAccess access;
  ReadKubeconfig(reader, environment, access);
  reader.Text("context", access.context);
  access.asks_version = !reader.Has("kubernetes-version");
  access.control_plane_namespace = settings.control_plane_namespace;
  access.environment = environment;
  return access;
}

// What `inject` and `explain` have in common.
template <class Options>
void ReadFiles(OptionReader& reader, const OptionSources& sources, EnvironmentSettings& environment,
               Options& options) {
  ReadCommon(reader, environment, options.common);
  options.cluster = ReadCluster(reader, sources.environment, options.common.settings);
  reader.List("filename", options.files);
  if (options.files.empty()) {
    reader.Fault(kExitUsage, "--filename: name at least one file, or - for standard input");
  }
  if (!reader.Has("namespace")) return;
  std::string name;
  reader.Text("namespace", name);
  if (!patch::IsDnsLabel(name)) {
    reader.Fault(kExitUsage, "--namespace: expected the name of a namespace, found '" + name + "'");
  }
  options.namespace_name = std::move(name);
}

}  // namespace

OptionResult<ServeOptions> ReadServeOptions(const FlagValues& flags, const OptionSources& sources) {
  OptionReader reader(flags, sources.environment, kExitFailed);
  ServeOptions options;
  ReadLog(reader, options.log);
  ReadListeners(reader, options);
  ReadCertificate(reader, options);
  ReadLimits(reader, options);
  CheckClusterFlags(reader);
  auto environment = ReadEnvironment(sources.environment,
                                     {/*required=*/true, sources.resolv_conf, sources.wait_image});
  if (!environment) {
    reader.Fault(kExitFailed, environment.error().Text());
    return tl::unexpected(*reader.FirstFault());
  }
  ReadCommon(reader, *environment, options.common);
  if (options.common.resources.empty()) {
    reader.Fault(kExitFailed,
                 "the Kubernetes API as a source of Components is not in this build: name files or "
                 "folders with --resources");
  }
  if (reader.FirstFault()) return tl::unexpected(*reader.FirstFault());
  options.callers = std::move(environment->callers);
  return options;
}

OptionResult<ReviewOptions> ReadReviewOptions(const FlagValues& flags,
                                              const OptionSources& sources) {
  auto environment = ReadOfflineEnvironment(sources);
  if (!environment) return tl::unexpected(environment.error());
  OptionReader reader(flags, sources.environment, kExitUsage);
  ReviewOptions options;
  ReadCommon(reader, *environment, options.common);
  bool judge_caller = false;
  reader.Switch("judge-caller", judge_caller);
  if (judge_caller) options.callers = std::move(environment->callers);
  if (reader.FirstFault()) return tl::unexpected(*reader.FirstFault());
  return options;
}

OptionResult<InjectOptions> ReadInjectOptions(const FlagValues& flags,
                                              const OptionSources& sources) {
  auto environment = ReadOfflineEnvironment(sources);
  if (!environment) return tl::unexpected(environment.error());
  OptionReader reader(flags, sources.environment, kExitUsage);
  InjectOptions options;
  ReadFiles(reader, sources, *environment, options);
  reader.Choice("output", options.output,
                {{"yaml", ManifestFormat::kYaml}, {"json", ManifestFormat::kJson}});
  if (reader.FirstFault()) return tl::unexpected(*reader.FirstFault());
  return options;
}

OptionResult<ExplainOptions> ReadExplainOptions(const FlagValues& flags,
                                                const OptionSources& sources, bool terminal) {
  auto environment = ReadOfflineEnvironment(sources);
  if (!environment) return tl::unexpected(environment.error());
  OptionReader reader(flags, sources.environment, kExitUsage);
  ExplainOptions options;
  ReadFiles(reader, sources, *environment, options);
  reader.Choice("output", options.output,
                {{"table", ReportFormat::kTable}, {"json", ReportFormat::kJson}});
  options.colour = terminal;
  if (reader.FirstFault()) return tl::unexpected(*reader.FirstFault());
  return options;
}

OptionResult<WaitOptions> ReadWaitOptions(const FlagValues& flags) {
  const Environment none = [](std::string_view) { return std::nullopt; };
  OptionReader reader(flags, none, kExitUsage);
  WaitOptions options;
  reader.Text("folder", options.folder);
  reader.Duration("timeout", options.timeout);
  if (reader.FirstFault()) return tl::unexpected(*reader.FirstFault());
  if (!options.folder.starts_with('/')) {
    return tl::unexpected(
        Usage("--folder: expected an absolute path, found '" + options.folder + "'"));
  }
  std::string expect;
  reader.Text("expect", expect);
  std::vector<std::string> sockets;
  reader.List("socket", sockets);
  if (expect.empty() == sockets.empty()) {
    return tl::unexpected(Usage("either --expect or --socket is needed, and not both"));
  }
  auto expected = expect.empty() ? ExpectSocketsByName(sockets) : ParseExpectedSockets(expect);
  if (!expected) {
    return tl::unexpected(
        Usage((expect.empty() ? "--socket: " : "--expect: ") + expected.error().Text()));
  }
  options.expected = *std::move(expected);
  return options;
}

LogOptions ReadLogOptions(const FlagValues& flags) {
  const Environment none = [](std::string_view) { return std::nullopt; };
  OptionReader reader(flags, none, kExitUsage);
  LogOptions log;
  ReadLog(reader, log);
  return log;
}

}  // namespace injector::webhook
