#pragma once

// What was done about a pod's Components, in one annotation that `kubectl get pod -o yaml` shows:
// {"injected":[{"component","container","resourceVersion"}],
//  "skipped":[{"component","reason"}],"outOfScope":N}, and "truncated":true when cut.

#include <cstddef>
#include <string>

#include "patch/component_selection.h"
#include "patch/decision.h"
#include "patch/pod_view.h"

namespace injector::patch {

inline constexpr std::string_view kStatusKey = "component-injector.dapr.io/status";
inline constexpr std::size_t kMaxStatusBytes = 2048;

// Returns the status, at most `budget` bytes, cut where it does not fit; "" when nothing fits.
// In: `decisions` of the whole pod; resourceVersion is left out where a Component has none.
[[nodiscard]] std::string BuildStatus(const Selection& selection, const Decisions& decisions,
                                      std::size_t budget);

// Returns the status of a pod that opted in and was not injected: {"reason":"<id>"}.
[[nodiscard]] std::string BuildStatus(Reason reason);

// How many bytes the annotation may have; an existing one is replaced.
// With the others it stays within kMaxAnnotationBytes.
[[nodiscard]] std::size_t StatusBudget(const PodMetadata& metadata);

}  // namespace injector::patch
