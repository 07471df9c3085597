#include "patch/service_account_mount.h"

#include <algorithm>

namespace injector::patch {
namespace {

// A name that the API server has generated: the prefix and five of its letters.
bool IsGenerated(std::string_view volume) {
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  constexpr std::size_t kSuffix = 5;
  return volume.starts_with(kServiceAccountVolumes) &&
         volume.size() == kServiceAccountVolumes.size() + kSuffix &&
         volume.find_first_not_of(kLetters, kServiceAccountVolumes.size()) ==
             std::string_view::npos;
}

}  // namespace

std::string_view ServiceAccountVolume(const PodView& pod) {
  const auto volume = std::find_if(pod.volumes.begin(), pod.volumes.end(), IsGenerated);
  if (pod.token_refused || volume == pod.volumes.end()) return "";
  bool mounted = false;
  for (const auto* list : {&pod.containers, &pod.init_containers}) {
    for (const ContainerView& container : *list) {
      const auto mount = FindServiceAccountPath(container.mounts);
      if (mount == container.mounts.end()) return "";
      mounted = mounted || (mount->volume == *volume && mount->read_only);
    }
  }
  return mounted ? *volume : "";
}

void WriteServiceAccountMount(JsonWriter& json, std::string_view volume) {
  json.BeginObject()
      .Member("name", volume)
      .Member("readOnly", true)
      .Member("mountPath", kServiceAccountPath)
      .EndObject();
}

}  // namespace injector::patch
