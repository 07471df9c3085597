#pragma once

// Plans what one pod gets: pure, one order of operations for one input.

#include <string>
#include <string_view>

#include "patch/annotations.h"
#include "patch/component.h"
#include "patch/decision.h"
#include "patch/pod_view.h"
#include "patch/settings.h"

namespace injector::patch {

struct InjectionRequest {
  const PodView& pod;  // opted in and without daprd
  std::string_view pod_namespace;
  std::string_view app_id;
  std::string_view owner_kind;  // kind of the workload, "" when unknown
  const PodAnnotations& annotations;
  const ComponentList& components;  // of the namespace; empty when the pod asks for none
  const Settings& settings;
  const Surroundings& surroundings;
};

struct Injection {
  std::string patch;   // RFC 6902 operations, all of them `add`
  std::string status;  // JSON of the status annotation; "" when the pod asked for no components
};

// Returns the patch that gives the pod its sidecar and components.
// Out: applied to the pod the patch is sure to succeed and to give a pod that the API server
// accepts if it accepts the original. Verdicts and remarks are appended to `decisions`.
// Threads: safe.
[[nodiscard]] Injection BuildInjection(const InjectionRequest& request, Decisions& decisions);

}  // namespace injector::patch
