#pragma once

// Names for containers that are added to a pod: DNS labels, unique over containers and
// initContainers.

#include <string>
#include <string_view>
#include <unordered_map>

#include "patch/pod_view.h"

namespace injector::patch {

class ContainerNames {
 public:
  // Holds the names of the pod's containers and "daprd".
  explicit ContainerNames(const PodView& pod);

  // Makes `wanted` a DNS label, appends -2, -3, ... while the name is held, and holds the result.
  // Source: core/v1 Container.name (DNS_LABEL, at most 63 characters).
  [[nodiscard]] std::string Take(std::string_view wanted);

 private:
  // Each name held, and the number at which the search for its next variant goes on.
  std::unordered_map<std::string, int> held_;
};

}  // namespace injector::patch
