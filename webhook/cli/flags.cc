#include "webhook/cli/flags.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace injector::webhook {
namespace {

constexpr std::uint32_t Bit(Command command) {
  return 1U << static_cast<std::uint32_t>(command);
}

constexpr std::uint32_t kServing = Bit(Command::kServe);
constexpr std::uint32_t kFiles = Bit(Command::kInject) | Bit(Command::kExplain);
constexpr std::uint32_t kPlanning = kServing | Bit(Command::kReview) | kFiles;
constexpr std::uint32_t kWaiting = Bit(Command::kWait);
constexpr std::uint32_t kChecking = Bit(Command::kCheck);

constexpr std::string_view kSource = "What to read";
constexpr std::string_view kPlan = "How to inject";
constexpr std::string_view kListen = "Where to listen";
constexpr std::string_view kTls = "Certificate";
constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kLogging = "Log";
constexpr std::string_view kCluster = "Cluster";

constexpr std::array kFlags = {
    FlagSpec{kSource, "filename", "FILE", "manifests, YAML or JSON; - is standard input", kFiles,
             'f', true},
    FlagSpec{kSource, "namespace", "NAME",
             "namespace of objects that name none; wins over those that do", kFiles, 'n'},
    FlagSpec{kSource, "output", "yaml|json", "form of the output (yaml)", Bit(Command::kInject),
             'o'},
    FlagSpec{kSource, "output", "table|json", "form of the output (table)", Bit(Command::kExplain),
             'o'},
    FlagSpec{kSource, "resources", "PATH",
             "file or folder of Components and the Configuration daprsystem, instead of the "
             "Kubernetes API; may be repeated",
             kPlanning, 0, true, true},
    FlagSpec{kSource, "from-cluster", "",
             "ask a cluster for Components, the Configuration daprsystem and its version (false)",
             kFiles},
    FlagSpec{kSource, "kubeconfig", "FILE",
             "with --from-cluster: how to reach it (KUBECONFIG, else $HOME/.kube/config, else the "
             "pod's own cluster)",
             kFiles},
    FlagSpec{kSource, "context", "NAME",
             "with --from-cluster: context of the kubeconfig (its current one)", kFiles},
    FlagSpec{kSource, "judge-caller", "",
             "refuse callers as the webhook does; otherwise everyone may have sidecars",
             Bit(Command::kReview)},

    FlagSpec{kPlan, "component-placement", "WHERE",
             "auto, sidecar or container: where component containers go (auto)", kPlanning, 0,
             false, true},
    FlagSpec{kPlan, "init-position", "WHERE",
             "last or first: where they stand among the pod's init containers (last)", kPlanning, 0,
             false, true},
    FlagSpec{kPlan, "component-wait", "on|off",
             "hold daprd and the app back until the components' sockets answer (on)", kPlanning, 0,
             false, true},
    FlagSpec{kPlan, "wait-timeout", "TIME", "how long, from 1s to 24h (300s)", kPlanning, 0, false,
             true},
    FlagSpec{kPlan, "wait-cpu", "QUANTITY", "CPU of the wait container (50m)", kPlanning, 0, false,
             true},
    FlagSpec{kPlan, "wait-memory", "QUANTITY", "memory of the wait container (32Mi)", kPlanning, 0,
             false, true},
    FlagSpec{kPlan, "mesh-init-containers", "NAMES",
             "init containers of service meshes, separated by commas; components stand behind them",
             kPlanning, 0, false, true},
    FlagSpec{kPlan, "status-annotation", "WHICH",
             "components, all or off: which pods carry what was decided (components)", kPlanning, 0,
             false, true},
    FlagSpec{kPlan, "identity-token", "WHEN",
             "always, never or auto: whether daprd gets its token volume (always with files, else "
             "auto)",
             kPlanning, 0, false, true},
    FlagSpec{kPlan, "kubernetes-version", "VERSION",
             "the cluster's version, such as 1.32 (the server's; with files: a current one)",
             kPlanning, 0, false, true},
    FlagSpec{kPlan, "scheduler-enabled", "", "sidecars connect to the scheduler (true)", kPlanning},

    FlagSpec{kListen, "port", "PORT", "port of the webhook, HTTPS (4000); 0 lets the system choose",
             kServing},
    FlagSpec{kListen, "listen-address", "ADDRESS", "address of the webhook (all)", kServing},
    FlagSpec{kListen, "healthz-port", "PORT", "port of /healthz, /readyz and /livez (8080)",
             kServing},
    FlagSpec{kListen, "healthz-listen-address", "ADDRESS", "address of these (all)", kServing},
    FlagSpec{kListen, "metrics-port", "PORT", "port of the metrics (9090)", kServing},
    FlagSpec{kListen, "metrics-listen-address", "ADDRESS", "address of the metrics (0.0.0.0)",
             kServing},
    FlagSpec{kListen, "enable-metrics", "", "serve metrics (true)", kServing},

    FlagSpec{kTls, "serving-certificate", "SOURCE",
             "own, files or ephemeral (files if files are given, else ephemeral with --resources, "
             "else own)",
             kServing, 0, false, true},
    FlagSpec{kTls, "tls-cert-file", "FILE", "certificate chain, PEM, followed on disk", kServing, 0,
             false, true},
    FlagSpec{kTls, "tls-private-key-file", "FILE", "its private key, PEM", kServing, 0, false,
             true},
    FlagSpec{kTls, "serving-key", "p256|rsa", "kind of key of a certificate made here (p256)",
             kServing, 0, false, true},
    FlagSpec{kTls, "serving-certificate-lifetime", "TIME",
             "how long an own certificate is valid, from 1m to 720h (168h)", kServing, 0, false,
             true},
    FlagSpec{kTls, "serving-certificate-out", "FILE",
             "write the ephemeral certificate there, for clients to trust", kServing, 0, false,
             true},

    FlagSpec{kLimits, "drain-time", "TIME",
             "from failing readiness to closing (0s with --resources, else 15s)", kServing, 0,
             false, true},
    FlagSpec{kLimits, "max-body", "BYTES", "largest review (8Mi)", kServing, 0, false, true},
    FlagSpec{kLimits, "max-connections", "NUMBER", "connections at once (1024)", kServing, 0, false,
             true},
    FlagSpec{kLimits, "max-inflight-bytes", "BYTES", "reviews in memory at once (32Mi)", kServing,
             0, false, true},

    FlagSpec{kLogging, "log-level", "LEVEL", "debug, info, warn, error or fatal (info)", kServing},
    FlagSpec{kLogging, "log-as-json", "", "write log lines as JSON (false)", kServing},
    FlagSpec{kLogging, "log-file", "FILE", "write the log there instead of standard output",
             kServing},

    FlagSpec{kCluster, "kubeconfig", "FILE",
             "how to reach the cluster when this is no pod of one ($HOME/.kube/config)", kServing},
    FlagSpec{kCluster, "component-freshness", "HOW",
             "auto, strict or cached: when the API is asked again though Components are in memory "
             "(auto)",
             kServing, 0, false, true},
    FlagSpec{kCluster, "namespaces", "NAMES", "namespaces to watch, separated by commas (all)",
             kServing, 0, false, true},
    FlagSpec{kCluster, "component-validation", "HOW",
             "warn, deny or off: what becomes of Components whose container is unusable; no effect "
             "with --resources",
             kServing, 0, false, true},

    FlagSpec{kSource, "webhook", "NAME",
             "MutatingWebhookConfiguration that says where the webhook is and whom to trust",
             kChecking},
    FlagSpec{kSource, "url", "URL", "where it is instead, such as https://localhost:4000/mutate",
             kChecking},
    FlagSpec{kSource, "ca-file", "FILE", "with --url: certificates to trust (the system's)",
             kChecking},
    FlagSpec{kSource, "kubeconfig", "FILE",
             "with --webhook: how to reach the cluster (that of the pod this runs in)", kChecking},
    FlagSpec{kSource, "namespace", "NAME", "namespace of the pod in the review (default)",
             kChecking, 'n'},
    FlagSpec{kLimits, "times", "NUMBER", "reviews, each on a connection of its own (1)", kChecking},
    FlagSpec{kLimits, "timeout", "TIME", "of each review (10s)", kChecking},

    FlagSpec{kSource, "folder", "DIR", "folder of the sockets, an absolute path", kWaiting},
    FlagSpec{kSource, "expect", "JSON",
             "the sockets as the injector writes them: [{\"socket\":\"redis\"}]", kWaiting},
    FlagSpec{kSource, "socket", "NAME", "one socket by name; may be repeated", kWaiting, 0, true},
    FlagSpec{kLimits, "timeout", "TIME", "how long to wait (300s); 0s looks once", kWaiting},
};

// How many letters to change, add or drop to make one text the other (Levenshtein).
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string_view NameOf(Command command) {
  switch (command) {
    case Command::kServe:
      return "serve";
    case Command::kReview:
      return "review";
    case Command::kInject:
      return "inject";
    case Command::kExplain:
      return "explain";
    case Command::kCheck:
      return "check";
    case Command::kWait:
      return "wait";
    case Command::kVersion:
      return "version";
  }
  return "";
}

std::span<const FlagSpec> AllFlags() {
  return kFlags;
}

std::string VariableOf(std::string_view flag) {
  std::string name = "COMPONENT_INJECTOR_";
  for (const char c : flag) {
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

std::optional<std::string_view> NearestFlag(Command command, std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  constexpr std::size_t kLeastBeginning = 3;
  if (name.size() > kLongestName) return std::nullopt;
  std::optional<std::string_view> nearest;
  std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const FlagSpec& flag : kFlags) {
    if (!flag.BelongsTo(command)) continue;
    const bool begins = name.size() >= kLeastBeginning && flag.name.starts_with(name);
    const std::size_t distance = begins ? 1 : Distance(name, flag.name);
    if (distance >= best) continue;
    best = distance;
    nearest = flag.name;
  }
  return nearest;
}

}  // namespace injector::webhook
