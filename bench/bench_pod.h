#pragma once

// Pods and Components to measure with: shaped like those of a real cluster, of a given size.

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "patch/component.h"

namespace injector::bench {

// An AdmissionReview for a pod whose JSON is about `pod_bytes` long: an app container with env and
// mounts, a second one, managedFields. The pod asks for its components to be injected.
[[nodiscard]] std::string MakeReview(std::size_t pod_bytes);

// `count` Components of namespace "shop", with a container each, 3 KB of manifest or less.
[[nodiscard]] patch::ComponentList MakeComponents(int count);

// A Component whose container is about `container_bytes` of JSON, most of it environment.
[[nodiscard]] nlohmann::json MakeComponentManifest(std::size_t container_bytes);

}  // namespace injector::bench
