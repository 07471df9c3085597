#include "patch/sidecar_mounts.h"

#include <string>
#include <unordered_set>

#include "patch/bounded_remarks.h"
#include "patch/name_set.h"
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
  if (annotations.mounts.empty()) return resolved;
  const NameSet volumes(pod.volumes);
  BoundedRemarks skipped(decisions);
  for (const RequestedMount& mount : annotations.mounts) {
    const auto skip = [&](const char* why) {
      skipped.Add(Reason::kPodMountSkipped, "", [&] {
        return "volume " + mount.volume + " is not mounted on daprd at " + mount.path + ": " + why;
      });
    };
    if (!volumes.Contains(mount.volume)) {
      skip("the pod has no such volume");
    } else if (IsReservedOnSidecar(mount.path) || !taken.insert(CleanPath(mount.path)).second) {
      skip("the path is taken");
    } else {
      resolved.push_back(mount);
    }
  }
  skipped.Finish("dapr.io/volume-mounts and -rw");
  return resolved;
}

}  // namespace injector::patch
