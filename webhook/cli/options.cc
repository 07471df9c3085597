#include "webhook/cli/options.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "patch/names.h"
#include "webhook/cli/shared_options.h"

namespace injector::webhook {
namespace {

OptionFault Usage(std::string message) {
  return {kExitUsage, std::move(message)};
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
  ReadCommon(reader, environment, WithoutResources::kOffline, options.common);
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

OptionResult<ReviewOptions> ReadReviewOptions(const FlagValues& flags,
                                              const OptionSources& sources) {
  auto environment = ReadOfflineEnvironment(sources);
  if (!environment) return tl::unexpected(environment.error());
  OptionReader reader(flags, sources.environment, kExitUsage);
  ReviewOptions options;
  ReadCommon(reader, *environment, WithoutResources::kOffline, options.common);
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
