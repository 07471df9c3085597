#pragma once

// Decides about one pod: the cheap questions first, so that most pods leave before anything is
// looked up, then the plan. One implementation for the webhook and the command line.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "patch/component.h"
#include "patch/decision.h"
#include "patch/json_document.h"
#include "patch/result.h"
#include "patch/settings.h"

namespace injector::patch {

// What a source knows of a namespace.
struct ComponentLook {
  std::shared_ptr<const ComponentList> list;  // by name; never null
  std::string doubt = {};  // why it may be out of date; "" when there is no reason to think so
};

// Answers that depend on who asks and where; each is asked for only when the pod needs it.
class AdmissionSources {
 public:
  virtual ~AdmissionSources() = default;

  // Whether whoever creates the pod may get a sidecar.
  [[nodiscard]] virtual bool CallerAllowed() = 0;

  // The Components of the pod's namespace. In: `required` names those without which the pod must
  // not start; a source that may be late looks again when one is missing.
  // Errors: any, with the cause; the pod is then refused.
  [[nodiscard]] virtual Result<ComponentLook> Components(
      const std::vector<std::string>& required) = 0;

  // The control plane as it is now.
  [[nodiscard]] virtual std::shared_ptr<const Surroundings> CurrentSurroundings() = 0;
};

struct AdmissionRequest {
  JsonValue pod;                         // of any type; missing when there is none
  std::string_view pod_namespace;        // request.namespace
  std::string_view owner_kind = {};      // for a pod template, its workload's kind
  bool show_unasked_components = false;  // look at Components even if the pod does not ask
};

struct Admission {
  bool allowed = true;
  std::string message;    // why not, when it is not allowed
  std::string patch;      // "" when there is nothing to change
  std::string status;     // JSON on the pod's Components; "" when it asked for none
  std::string app_id;     // as named or by the pod's name, also when invalid
  bool opted_in = false;  // dapr.io/enabled is "true"
  Decisions decisions;    // the first is the pod's verdict

  [[nodiscard]] Reason Verdict() const { return decisions.front().reason; }
};

// Threads: safe when `sources` is.
[[nodiscard]] Admission AdmitPod(const AdmissionRequest& request, AdmissionSources& sources,
                                 const Settings& settings);

}  // namespace injector::patch
