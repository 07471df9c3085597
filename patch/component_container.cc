#include "patch/component_container.h"

#include "patch/json_writer.h"
#include "patch/service_account_mount.h"
#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

bool MountsSockets(const ContainerTemplate& container) {
  for (const ContainerTemplate::Mount& mount : container.mounts) {
    if (mount.volume == kSocketsVolume) return true;
  }
  return false;
}

}  // namespace

std::string BuildComponentContainer(const ChosenComponent& chosen, std::string_view sockets_folder,
                                    std::string_view service_account_volume) {
  const ContainerTemplate& container = chosen.component->container;
  std::string text;
  text.reserve(container.canonical.size() + 512);
  JsonWriter json(text);
  json.BeginObject().Member("name", chosen.container_name).Raw(container.members);
  json.Key("env").BeginArray().Raw(container.env);
  for (const EnvVar& variable : SocketsFolderEnv(sockets_folder)) {
    if (container.HasEnv(variable.name)) continue;
    json.BeginObject().Member("name", variable.name).Member("value", variable.value).EndObject();
  }
  json.EndArray();
  if (chosen.sidecar) json.Member("restartPolicy", "Always");
  json.Key("volumeMounts").BeginArray().Raw(container.volume_mounts);
  if (chosen.socket_shared && !MountsSockets(container)) {
    json.BeginObject()
        .Member("name", kSocketsVolume)
        .Member("mountPath", sockets_folder)
        .EndObject();
  }
  if (!service_account_volume.empty() &&
      FindServiceAccountPath(container.mounts) == container.mounts.end()) {
    WriteServiceAccountMount(json, service_account_volume);
  }
  json.EndArray().EndObject();
  return text;
}

}  // namespace injector::patch
