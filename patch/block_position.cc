#include "patch/block_position.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::unordered_set<std::string_view> VolumesOf(const Selection& selection) {
  std::unordered_set<std::string_view> volumes;
  for (const ChosenComponent& chosen : selection.chosen) {
    volumes.insert(kSocketsVolume);
    for (const auto& mount : chosen.component->container.mounts) volumes.insert(mount.volume);
  }
  return volumes;
}

void CheckAfter(const BlockPositionRequest& request, Decisions& decisions) {
  for (const std::string& name : request.after) {
    const auto& list = request.pod.init_containers;
    const bool found = std::any_of(list.begin(), list.end(),
                                   [&](const ContainerView& c) { return c.name == name; });
    if (found) continue;
    decisions.push_back({Reason::kAnnotationInvalidValue, "",
                         "component-injector.dapr.io/after names " + name +
                             ", which is no init container of the pod"});
  }
}

}  // namespace

std::size_t FindBlockPosition(const BlockPositionRequest& request, Decisions& decisions) {
  const auto& init_containers = request.pod.init_containers;
  CheckAfter(request, decisions);
  if (request.position == InitPosition::kLast) return init_containers.size();
  const auto volumes = VolumesOf(request.selection);
  const auto comes_before = [&](std::size_t index) {
    const ContainerView& container = init_containers[index];
    return Contains(request.settings.mesh_init_containers, container.name) ||
           request.listed.Has({true, index}) || Contains(request.after, container.name) ||
           std::any_of(container.mounts.begin(), container.mounts.end(),
                       [&](const MountView& mount) {
                         return !mount.read_only && volumes.contains(mount.volume);
                       });
  };
  for (std::size_t i = init_containers.size(); i > 0; --i) {
    if (comes_before(i - 1)) return i;
  }
  return 0;
}

}  // namespace injector::patch
