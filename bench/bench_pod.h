#pragma once

// Pods and Components to measure with: shaped like those of a real cluster, of a given size.

#include <cstddef>
#include <string>

#include "patch/component.h"

namespace injector::bench {

// An AdmissionReview for a pod whose JSON is about `pod_bytes` long: an app container with env and
// mounts, a second one, managedFields. The pod asks for its components to be injected.
[[nodiscard]] std::string MakeReview(std::size_t pod_bytes);

// `count` Components of namespace "shop", with a container each, 3 KB of manifest or less.
[[nodiscard]] patch::ComponentList MakeComponents(int count);

}  // namespace injector::bench
