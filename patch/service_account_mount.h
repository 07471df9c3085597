#pragma once

// The mount of the service account's token, as the API server gives it to every container.
//
// Its ServiceAccount admission runs before the webhooks, and again after one that has added
// containers. If ours lack the mount, it adds it, and because the pod has changed, every webhook
// with reinvocationPolicy IfNeeded is asked a second time. Ours have it at once: the pod that is
// stored is the same, and it is reviewed once.
// Source: Kubernetes plugin/pkg/admission/serviceaccount, mountServiceAccountToken.

#include <algorithm>
#include <string_view>

#include "patch/json_writer.h"
#include "patch/pod_view.h"

namespace injector::patch {

inline constexpr std::string_view kServiceAccountPath =
    "/var/run/secrets/kubernetes.io/serviceaccount";
inline constexpr std::string_view kServiceAccountVolumes = "kube-api-access-";  // begin with it

// The first of `mounts` at the token's path, compared letter by letter, as the API server does it;
// else their end.
template <class Mounts>
[[nodiscard]] auto FindServiceAccountPath(const Mounts& mounts) {
  return std::find_if(mounts.begin(), mounts.end(),
                      [](const auto& mount) { return mount.path == kServiceAccountPath; });
}

// The volume that ServiceAccount admission has made and mounted into every container that the pod
// came with. "" where it has not: no token is given here that the API server would not give.
[[nodiscard]] std::string_view ServiceAccountVolume(const PodView& pod);

// Writes the mount as an element of a volumeMounts list.
void WriteServiceAccountMount(JsonWriter& json, std::string_view volume);

}  // namespace injector::patch
