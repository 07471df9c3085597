#include "patch/sidecar_mounts.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "patch/names.h"

namespace injector::patch {

bool IsReservedOnSidecar(std::string_view path) {
  const std::string clean = CleanPath(path);
  return clean == kSidecarApiSocketPath || clean == kIdentityTokenPath;
}

std::vector<RequestedMount> ResolveVolumeMounts(const PodAnnotations& annotations,
                                                const PodView& pod, bool takes_sockets_folder,
                                                Decisions& decisions) {
  std::unordered_set<std::string> taken;
  if (takes_sockets_folder) taken.insert(CleanPath(annotations.sockets_folder));
  std::vector<RequestedMount> resolved;
  for (const RequestedMount& mount : annotations.mounts) {
    const auto skip = [&](const std::string& why) {
      decisions.push_back(
          {Reason::kPodMountSkipped, "",
           "volume " + mount.volume + " is not mounted on daprd at " + mount.path + ": " + why});
    };
    if (std::find(pod.volumes.begin(), pod.volumes.end(), mount.volume) == pod.volumes.end()) {
      skip("the pod has no such volume");
    } else if (IsReservedOnSidecar(mount.path) || !taken.insert(CleanPath(mount.path)).second) {
      skip("the path is taken");
    } else {
      resolved.push_back(mount);
    }
  }
  return resolved;
}

}  // namespace injector::patch
