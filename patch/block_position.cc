#include "patch/block_position.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "patch/bounded_remarks.h"
#include "patch/name_set.h"
#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

std::unordered_set<std::string_view> VolumesOf(const Selection& selection) {
  std::unordered_set<std::string_view> volumes;
  for (const ChosenComponent& chosen : selection.chosen) {
    volumes.insert(kSocketsVolume);
    for (const auto& mount : chosen.component->container.mounts) volumes.insert(mount.volume);
  }
  return volumes;
}

void CheckAfter(const BlockPositionRequest& request, Decisions& decisions) {
  NameSet there;
  for (const ContainerView& container : request.pod.init_containers) there.Insert(container.name);
  BoundedRemarks strangers(decisions);
  for (const std::string& name : request.after) {
    if (there.Contains(name)) continue;
    strangers.Add(Reason::kAnnotationInvalidValue, "", [&name] {
      return "component-injector.dapr.io/after names " + name +
             ", which is no init container of the pod";
    });
  }
  strangers.Finish("component-injector.dapr.io/after");
}

}  // namespace

std::size_t FindBlockPosition(const BlockPositionRequest& request, Decisions& decisions) {
  const auto& init_containers = request.pod.init_containers;
  CheckAfter(request, decisions);
  if (request.position == InitPosition::kLast) return init_containers.size();
  const auto volumes = VolumesOf(request.selection);
  const NameSet mesh(request.settings.mesh_init_containers);
  const NameSet after(request.after);
  const auto comes_before = [&](std::size_t index) {
    const ContainerView& container = init_containers[index];
    return mesh.Contains(container.name) || request.listed.Has({true, index}) ||
           after.Contains(container.name) ||
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
