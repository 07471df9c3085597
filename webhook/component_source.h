#pragma once

// Where the Components of a namespace come from: files (the embedded source), or a cluster.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "patch/admission.h"
#include "patch/result.h"

namespace injector::webhook {

class ComponentSource {
 public:
  virtual ~ComponentSource() = default;

  // The Components of `namespace_name`: an immutable snapshot, by name.
  // In: `required` names those without which the pod must not start; a source that may be late
  // looks again when one is missing. `deadline` bounds the look.
  // Errors: any, with the cause; the pod is then refused.
  // Threads: safe.
  [[nodiscard]] virtual patch::Result<patch::ComponentLook> Components(
      std::string_view namespace_name, const std::vector<std::string>& required,
      std::chrono::steady_clock::time_point deadline) = 0;
};

}  // namespace injector::webhook
