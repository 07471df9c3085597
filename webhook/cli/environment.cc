#include "webhook/cli/environment.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

#include "patch/annotation_values.h"
#include "patch/sidecar_mounts.h"
#include "webhook/cli/tolerations.h"

namespace injector::webhook {
namespace {

constexpr std::string_view kDefaultDomain = "cluster.local";
constexpr std::string_view kDefaultTrustAnchors = "/var/run/dapr.io/tls/ca.crt";

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

class Reader {
 public:
  Reader(const Environment& environment, const EnvironmentRules& rules)
      : environment_(environment), rules_(rules) {}

  Result<EnvironmentSettings> Run() && {
    ReadControlPlane();
    ReadServices();
    ReadSidecar();
    ReadSecurityContext();
    ReadComponents();
    ReadCallers();
    if (fault_) return tl::unexpected(*std::move(fault_));
    return std::move(read_);
  }

 private:
  // "" for a variable that is not set.
  [[nodiscard]] std::string Text(std::string_view name) const {
    return environment_(name).value_or("");
  }

  [[nodiscard]] bool Truthy(std::string_view name, bool when_empty) const {
    const std::string text = Text(name);
    return text.empty() ? when_empty : patch::ParseBool(text);
  }

  void Fault(std::string sentence) {
    if (!fault_) fault_ = Error{ErrorKind::kUsage, std::move(sentence)};
  }

  void Warn(std::string sentence) { read_.warnings.push_back(std::move(sentence)); }

  std::string Required(std::string_view name, std::string_view otherwise) {
    const std::string text = Text(name);
    std::string trimmed(patch::Trim(text));
    if (!trimmed.empty()) return trimmed;
    if (rules_.required) Fault("required key " + std::string(name) + " missing value");
    return std::string(otherwise);
  }

  void ReadControlPlane() {
    settings_.sidecar_image = Required("SIDECAR_IMAGE", kOfflineSidecarImage);
    settings_.control_plane_namespace = Required("NAMESPACE", kOfflineNamespace);
    settings_.cluster_domain = Text("KUBE_CLUSTER_DOMAIN");
    if (settings_.cluster_domain.empty()) {
      settings_.cluster_domain = ClusterDomainOf(rules_.resolv_conf);
    }
    settings_.trust_domain =
        environment_("DAPR_CONTROL_PLANE_TRUST_DOMAIN").value_or(std::string(kDefaultDomain));
    if (settings_.trust_domain.empty()) {
      Fault("DAPR_CONTROL_PLANE_TRUST_DOMAIN: expected a trust domain, found an empty text");
    }
    read_.trust_anchors_file =
        environment_("DAPR_TRUST_ANCHORS_FILE").value_or(std::string(kDefaultTrustAnchors));
  }

  void ReadServices() {
    settings_.actors_enabled = Truthy("ACTORS_ENABLED", true);
    const std::string actors = Text("ACTORS_SERVICE_NAME");
    if (!actors.empty()) settings_.actors = Service(actors, "ACTORS_SERVICE_ADDRESS");
    const std::string reminders = Text("REMINDERS_SERVICE_NAME");
    if (!reminders.empty() && reminders != "default") {
      settings_.reminders = Service(reminders, "REMINDERS_SERVICE_ADDRESS");
    }
  }

  // host:port
  patch::ControlPlaneService Service(const std::string& name, std::string_view variable) {
    constexpr std::int64_t kHighestPort = 65535;
    const std::string address = Text(variable);
    const auto colon = address.find(':');
    const auto port = colon == address.npos
                          ? std::nullopt
                          : ParseInteger(std::string_view(address).substr(colon + 1));
    if (colon == 0 || !port || *port < 1 || *port > kHighestPort) {
      Fault(std::string(variable) + ": expected host:port of the service " + name + ", found '" +
            address + "'");
      return {};
    }
    return {name, address.substr(0, colon), static_cast<int>(*port)};
  }

  void ReadSidecar() {
    settings_.sidecar_image_pull_policy =
        PullPolicy("SIDECAR_IMAGE_PULL_POLICY", /*when_not_set=*/"Always");
    settings_.downward_apis = Truthy("ENABLE_K8S_DOWNWARD_APIS", false);
    settings_.native_sidecar = Truthy("NATIVE_SIDECAR_ENABLED", false);
    const std::string tolerations = Text("IGNORE_ENTRYPOINT_TOLERATIONS");
    if (tolerations.empty()) return;
    auto parsed = ParseTolerations(tolerations);
    if (!parsed) {
      return Warn("IGNORE_ENTRYPOINT_TOLERATIONS is not used: " + parsed.error().Text());
    }
    settings_.ignore_entrypoint_tolerations = *std::move(parsed);
  }

  // As in Dapr, any text that is no policy means IfNotPresent.
  [[nodiscard]] std::string PullPolicy(std::string_view name, std::string when_not_set) const {
    const auto text = environment_(name);
    if (!text) return when_not_set;
    if (*text == "Always" || *text == "Never") return *text;
    return "IfNotPresent";
  }

  void ReadSecurityContext() {
    settings_.run_as_non_root = Truthy("SIDECAR_RUN_AS_NON_ROOT", true);
    settings_.read_only_root_filesystem = Truthy("SIDECAR_READ_ONLY_ROOT_FILESYSTEM", true);
    settings_.drop_all_capabilities = Truthy("SIDECAR_DROP_ALL_CAPABILITIES", false);
    settings_.run_as_user = Id("SIDECAR_RUN_AS_USER");
    settings_.run_as_group = Id("SIDECAR_RUN_AS_GROUP");
  }

  std::optional<std::int64_t> Id(std::string_view name) {
    const std::string text = Text(name);
    if (text.empty()) return std::nullopt;
    const auto id = ParseInteger(text);
    if (!id) {
      Fault(std::string(name) + ": expected an integer, found '" + text + "'");
      return std::nullopt;
    }
    if (*id >= 0 && *id <= std::numeric_limits<std::int32_t>::max()) return id;
    Warn(std::string(name) + " is not used: Kubernetes refuses ids outside 0 to 2147483647");
    return std::nullopt;
  }

  void ReadComponents() {
    // Dapr's injector reads the first spelling, daprd the second.
    for (const std::string_view name :
         {"DAPR_COMPONENT_SOCKETS_FOLDER", "DAPR_COMPONENTS_SOCKETS_FOLDER"}) {
      const std::string folder = Text(name);
      if (folder.empty()) continue;
      if (patch::IsMountPath(folder) && !patch::IsReservedOnSidecar(folder)) {
        settings_.sockets_folder = folder;
        break;
      }
      Warn(std::string(name) +
           " is not used: expected an absolute path without ':' that daprd has no other use for, "
           "found '" +
           folder + "'");
    }
    settings_.wait_image_pull_policy =
        PullPolicy("COMPONENT_WAIT_IMAGE_PULL_POLICY", /*when_not_set=*/"IfNotPresent");
    const auto wait_image = environment_("COMPONENT_WAIT_IMAGE");
    settings_.wait_image = wait_image ? patch::Trim(*wait_image) : rules_.default_wait_image;
    if (settings_.wait_image.empty()) {
      Warn("COMPONENT_WAIT_IMAGE is empty: no pod waits for its components' sockets");
    }
  }

  void ReadCallers() {
    constexpr std::string_view kDeprecated = "ALLOWED_SERVICE_ACCOUNTS_PREFIX_NAMES";
    if (!Text(kDeprecated).empty()) {
      Warn(
          "ALLOWED_SERVICE_ACCOUNTS_PREFIX_NAMES is deprecated: use ALLOWED_SERVICE_ACCOUNTS, "
          "whose entries are patterns too");
    }
    for (const std::string_view name :
         {std::string_view("ALLOWED_SERVICE_ACCOUNTS"), kDeprecated}) {
      const auto added = read_.callers.Add(Text(name), name);
      if (!added) Fault(added.error().Text());
    }
  }

  const Environment& environment_;
  const EnvironmentRules& rules_;
  EnvironmentSettings read_;
  patch::Settings& settings_ = read_.settings;
  std::optional<Error> fault_;
};

}  // namespace

Environment ProcessEnvironment() {
  return [](std::string_view name) -> std::optional<std::string> {
    // Nothing changes the environment while the program runs.
    const char* value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Result<EnvironmentSettings> ReadEnvironment(const Environment& environment,
                                            const EnvironmentRules& rules) {
  return Reader(environment, rules).Run();
}

std::string ClusterDomainOf(std::string_view resolv_conf) {
  constexpr std::string_view kBlanks = " \t\r";
  constexpr std::string_view kServices = "svc.";
  std::string_view domain = kDefaultDomain;
  while (!resolv_conf.empty()) {
    const auto end = resolv_conf.find('\n');
    std::string_view line = patch::Trim(resolv_conf.substr(0, end));
    resolv_conf = end == resolv_conf.npos ? std::string_view() : resolv_conf.substr(end + 1);
    if (!line.starts_with("search ") && !line.starts_with("search\t")) continue;
    domain = kDefaultDomain;
    while (!line.empty()) {
      const auto blank = line.find_first_of(kBlanks);
      const std::string_view word = line.substr(0, blank);
      line = blank == line.npos ? std::string_view() : patch::Trim(line.substr(blank));
      if (word.starts_with(kServices) && word.size() > kServices.size()) {
        domain = word.substr(kServices.size());
        break;
      }
    }
  }
  return std::string(domain);
}

}  // namespace injector::webhook
