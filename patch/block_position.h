#pragma once

// Where the injected init containers stand among the user's own.

#include <cstddef>
#include <string>
#include <vector>

#include "patch/component_selection.h"
#include "patch/decision.h"
#include "patch/listed_containers.h"
#include "patch/pod_view.h"
#include "patch/settings.h"

namespace injector::patch {

struct BlockPositionRequest {
  const PodView& pod;
  const Settings& settings;
  InitPosition position;
  const std::vector<std::string>& after;  // names from the annotation
  const ListedContainers& listed;
  const Selection& selection;
};

// Returns the index at which the block is inserted: behind all of the pod's init containers, or
// with `first` right behind those that the block itself needs: a mesh's, listed components', those
// that write to a volume of an injected component, and those named in `after`.
// Out: names in `after` that are no init container are said in `decisions`.
[[nodiscard]] std::size_t FindBlockPosition(const BlockPositionRequest& request,
                                            Decisions& decisions);

}  // namespace injector::patch
