#include "tests/support/golden_settings.h"

#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "patch/annotation_values.h"

namespace injector::test {
namespace {

using nlohmann::json;
using patch::Settings;
using Setter = std::function<void(Settings&, const std::string&)>;

bool TrueUnlessSet(const std::string& text) {
  return text.empty() || patch::ParseBool(text);
}

void SetAddress(patch::ControlPlaneService& service, const std::string& text) {
  const std::size_t colon = text.find(':');
  service.host = text.substr(0, colon);
  service.port = std::stoi(text.substr(colon + 1));
}

patch::ControlPlaneService& Reminders(Settings& settings) {
  return settings.reminders ? *settings.reminders : settings.reminders.emplace();
}

std::vector<patch::Toleration> Tolerations(const std::string& text) {
  std::vector<patch::Toleration> list;
  for (const json& entry : json::parse(text)) {
    patch::Toleration toleration{entry.value("key", ""),
                                 entry.value("operator", ""),
                                 entry.value("value", ""),
                                 entry.value("effect", ""),
                                 {}};
    if (entry.contains("tolerationSeconds")) toleration.seconds = entry["tolerationSeconds"];
    list.push_back(toleration);
  }
  return list;
}

const std::map<std::string, Setter>& Variables() {
  static const std::map<std::string, Setter> variables = {
      {"NAMESPACE", [](Settings& s, const std::string& v) { s.control_plane_namespace = v; }},
      {"KUBE_CLUSTER_DOMAIN", [](Settings& s, const std::string& v) { s.cluster_domain = v; }},
      {"DAPR_CONTROL_PLANE_TRUST_DOMAIN",
       [](Settings& s, const std::string& v) { s.trust_domain = v; }},
      {"ACTORS_ENABLED",
       [](Settings& s, const std::string& v) { s.actors_enabled = TrueUnlessSet(v); }},
      {"ACTORS_SERVICE_NAME", [](Settings& s, const std::string& v) { s.actors.name = v; }},
      {"ACTORS_SERVICE_ADDRESS",
       [](Settings& s, const std::string& v) { SetAddress(s.actors, v); }},
      {"REMINDERS_SERVICE_NAME", [](Settings& s, const std::string& v) { Reminders(s).name = v; }},
      {"REMINDERS_SERVICE_ADDRESS",
       [](Settings& s, const std::string& v) { SetAddress(Reminders(s), v); }},
      {"SIDECAR_IMAGE", [](Settings& s, const std::string& v) { s.sidecar_image = v; }},
      {"SIDECAR_IMAGE_PULL_POLICY",
       [](Settings& s, const std::string& v) { s.sidecar_image_pull_policy = v; }},
      {"SIDECAR_RUN_AS_NON_ROOT",
       [](Settings& s, const std::string& v) { s.run_as_non_root = TrueUnlessSet(v); }},
      {"SIDECAR_READ_ONLY_ROOT_FILESYSTEM",
       [](Settings& s, const std::string& v) { s.read_only_root_filesystem = TrueUnlessSet(v); }},
      {"SIDECAR_DROP_ALL_CAPABILITIES",
       [](Settings& s, const std::string& v) { s.drop_all_capabilities = patch::ParseBool(v); }},
      {"ENABLE_K8S_DOWNWARD_APIS",
       [](Settings& s, const std::string& v) { s.downward_apis = patch::ParseBool(v); }},
      {"NATIVE_SIDECAR_ENABLED",
       [](Settings& s, const std::string& v) { s.native_sidecar = patch::ParseBool(v); }},
      {"SIDECAR_RUN_AS_USER",
       [](Settings& s, const std::string& v) { s.run_as_user = std::stoll(v); }},
      {"SIDECAR_RUN_AS_GROUP",
       [](Settings& s, const std::string& v) { s.run_as_group = std::stoll(v); }},
      {"IGNORE_ENTRYPOINT_TOLERATIONS",
       [](Settings& s, const std::string& v) { s.ignore_entrypoint_tolerations = Tolerations(v); }},
      {"DAPR_COMPONENT_SOCKETS_FOLDER",
       [](Settings& s, const std::string& v) { s.sockets_folder = v; }},
      {"COMPONENT_WAIT_IMAGE", [](Settings& s, const std::string& v) { s.wait_image = v; }},
      {"COMPONENT_WAIT_IMAGE_PULL_POLICY",
       [](Settings& s, const std::string& v) { s.wait_image_pull_policy = v; }},
  };
  return variables;
}

const std::map<std::string, Setter>& Flags() {
  static const std::map<std::string, Setter> flags = {
      {"scheduler-enabled",
       [](Settings& s, const std::string& v) { s.scheduler_enabled = patch::ParseBool(v); }},
      {"component-placement",
       [](Settings& s, const std::string& v) {
         static const std::map<std::string, patch::Placement> words = {
             {"auto", patch::Placement::kAuto},
             {"sidecar", patch::Placement::kSidecar},
             {"container", patch::Placement::kContainer}};
         s.ordering.placement = words.at(v);
       }},
      {"init-position",
       [](Settings& s, const std::string& v) {
         static const std::map<std::string, patch::InitPosition> words = {
             {"last", patch::InitPosition::kLast}, {"first", patch::InitPosition::kFirst}};
         s.ordering.init_position = words.at(v);
       }},
      {"component-wait", [](Settings& s, const std::string& v) { s.ordering.wait = v == "on"; }},
      {"wait-timeout", [](Settings& s, const std::string& v) { s.ordering.wait_timeout = v; }},
      {"wait-cpu", [](Settings& s, const std::string& v) { s.wait_cpu = v; }},
      {"wait-memory", [](Settings& s, const std::string& v) { s.wait_memory = v; }},
      {"mesh-init-containers",
       [](Settings& s, const std::string& v) { s.mesh_init_containers = patch::ParseNameList(v); }},
      {"status-annotation",
       [](Settings& s, const std::string& v) {
         static const std::map<std::string, patch::StatusAnnotation> words = {
             {"off", patch::StatusAnnotation::kOff},
             {"components", patch::StatusAnnotation::kComponents},
             {"all", patch::StatusAnnotation::kAll}};
         s.status_annotation = words.at(v);
       }},
  };
  return flags;
}

void Apply(const json& texts, const std::map<std::string, Setter>& setters, Settings& settings) {
  for (const auto& [name, text] : texts.items()) {
    const auto setter = setters.find(name);
    if (setter == setters.end()) throw std::runtime_error("settings.yaml: unknown " + name);
    setter->second(settings, text.get<std::string>());
  }
}

void ApplySurroundings(const json& differences, GoldenCase& loaded) {
  for (const auto& [name, value] : differences.items()) {
    if (name == "mtls") {
      loaded.surroundings.mtls_enabled = value.get<bool>();
    } else if (name == "identityToken") {
      loaded.surroundings.identity_token = value.get<bool>();
    } else if (name == "trustAnchors") {
      loaded.surroundings.trust_anchors = value.get<std::string>();
    } else if (name == "serverMinor") {
      loaded.surroundings.server_minor.reset();
      if (!value.is_null()) loaded.surroundings.server_minor = value.get<int>();
    } else if (name == "componentsError") {
      loaded.components_error = value.get<std::string>();
    } else {
      throw std::runtime_error("settings.yaml: unknown surroundings " + name);
    }
  }
}

}  // namespace

void ApplyGoldenSettings(const json& differences, GoldenCase& loaded) {
  Settings& settings = loaded.settings;
  settings.control_plane_namespace = "dapr-system";
  settings.sidecar_image = "ghcr.io/dapr/daprd:1.18.3";
  settings.sidecar_image_pull_policy = "IfNotPresent";
  settings.wait_image = "ghcr.io/example/component-injector:test";
  loaded.surroundings.trust_anchors = "<PEM>";
  loaded.surroundings.server_minor = 36;
  for (const auto& [part, value] : differences.items()) {
    if (part == "env") {
      Apply(value, Variables(), settings);
    } else if (part == "flags") {
      Apply(value, Flags(), settings);
    } else if (part == "surroundings") {
      ApplySurroundings(value, loaded);
    } else {
      throw std::runtime_error("settings.yaml: unknown part " + part);
    }
  }
}

}  // namespace injector::test
