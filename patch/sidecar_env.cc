#include "patch/sidecar_env.h"

#include <algorithm>

#include "patch/bounded_remarks.h"
#include "patch/name_set.h"
#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

// Writes variables one by one and remembers which names there are.
class EnvWriter {
 public:
  EnvWriter(JsonWriter& json, Decisions& decisions) : json_(json), remarks_(decisions) {}

  void Value(std::string_view name, std::string_view value) {
    Begin(name);
    if (!value.empty()) json_.Member("value", value);
    json_.EndObject();
  }

  void Field(std::string_view name, std::string_view field_path) {
    Begin(name);
    json_.Key("valueFrom").BeginObject().Key("fieldRef").BeginObject();
    json_.Member("fieldPath", field_path).EndObject().EndObject().EndObject();
  }

  void Secret(std::string_view name, SecretReference secret) {
    Begin(name);
    json_.Key("valueFrom").BeginObject().Key("secretKeyRef").BeginObject();
    json_.Member("name", secret.name).Member("key", secret.key);
    json_.EndObject().EndObject().EndObject();
  }

  void Finish() { remarks_.Finish("daprd's environment"); }

 private:
  void Begin(std::string_view name) {
    if (!names_.Insert(name)) {
      remarks_.Add(Reason::kPodEnvNameRepeated, "", [name] {
        return "daprd gets " + std::string(name) + " twice, and the last one counts";
      });
    }
    json_.BeginObject().Member("name", name);
  }

  JsonWriter& json_;
  BoundedRemarks remarks_;
  NameSet names_;
};

// The names that daprd may hand to an app it starts, joined by one space.
std::string EnvKeys(const PodAnnotations& annotations) {
  std::string keys;
  const auto add = [&](std::string_view name) {
    if (!keys.empty()) keys += ' ';
    keys += name;
  };
  for (const NameAndValue& variable : annotations.env) add(variable.name);
  for (const EnvFromSecret& variable : annotations.env_from_secret) add(variable.name);
  return keys;
}

void WriteGiven(EnvWriter& env, const PodAnnotations& annotations, const std::string& keys) {
  for (const NameAndValue& variable : annotations.env) env.Value(variable.name, variable.value);
  for (const EnvFromSecret& variable : annotations.env_from_secret) {
    env.Secret(variable.name, variable.secret);
  }
  if (!keys.empty()) env.Value("DAPR_ENV_KEYS", keys);
}

void WriteTokens(EnvWriter& env, const PodAnnotations& annotations) {
  constexpr std::string_view kTokenKey = "token";
  if (!annotations.api_token_secret.empty()) {
    env.Secret("DAPR_API_TOKEN", {annotations.api_token_secret, kTokenKey});
  }
  if (!annotations.app_token_secret.empty()) {
    env.Secret("APP_API_TOKEN", {annotations.app_token_secret, kTokenKey});
  }
}

}  // namespace

void WriteSidecarEnv(JsonWriter& json, const SidecarRequest& request,
                     const PodAnnotations& annotations, const Settings& settings,
                     const Surroundings& surroundings, Decisions& decisions) {
  const std::string keys = EnvKeys(annotations);
  json.BeginArray();
  EnvWriter env(json, decisions);
  env.Value("NAMESPACE", request.pod_namespace);
  env.Value("DAPR_TRUST_ANCHORS", surroundings.trust_anchors);
  env.Field("POD_NAME", "metadata.name");
  env.Value("DAPR_CONTROLPLANE_NAMESPACE", settings.control_plane_namespace);
  env.Value("DAPR_CONTROLPLANE_TRUST_DOMAIN", settings.trust_domain);
  if (settings.downward_apis) env.Field("DAPR_HOST_IP", "status.podIP");
  WriteGiven(env, annotations, keys);
  if (request.component_sockets) {
    for (const EnvVar& variable : SocketsFolderEnv(annotations.sockets_folder)) {
      env.Value(variable.name, variable.value);
    }
  }
  WriteTokens(env, annotations);
  env.Finish();
  json.EndArray();
}

bool GivesSidecarEnv(const PodAnnotations& annotations, std::string_view name) {
  const auto is_named = [&](const auto& variable) { return variable.name == name; };
  return std::any_of(annotations.env.begin(), annotations.env.end(), is_named) ||
         std::any_of(annotations.env_from_secret.begin(), annotations.env_from_secret.end(),
                     is_named);
}

}  // namespace injector::patch
