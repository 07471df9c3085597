#pragma once

// The containers that a pod names in dapr.io/pluggable-components: the user's own, wired to the
// socket folder and never moved.

#include <string>
#include <string_view>
#include <vector>

#include "patch/bounded_remarks.h"
#include "patch/decision.h"
#include "patch/pod_editor.h"
#include "patch/pod_view.h"

namespace injector::patch {

struct ListedContainers {
  std::vector<ContainerAt> wired;  // in the pod's order: init containers, then containers

  [[nodiscard]] bool Has(ContainerAt at) const;
};

// In: `names` from the annotation, without repeats.
// Out: one verdict for each name, appended in their order; of many with the same one a number.
// Nothing is wired in a pod for Windows.
[[nodiscard]] ListedContainers FindListed(const PodView& pod, const std::vector<std::string>& names,
                                          Decisions& decisions);

// Adds the socket folder's variables and mount to a wired container, where they are missing.
void WireListed(PodEditor& editor, ContainerAt at, std::string_view sockets_folder,
                BoundedRemarks& remarks);

}  // namespace injector::patch
