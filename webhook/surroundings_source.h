#pragma once

// The control plane as it is now: trust anchors, mTLS, server version.

#include <memory>

#include "patch/settings.h"

namespace injector::webhook {

class SurroundingsSource {
 public:
  virtual ~SurroundingsSource() = default;

  // An immutable snapshot, never null. Threads: safe; does not block.
  [[nodiscard]] virtual std::shared_ptr<const patch::Surroundings> Current() const = 0;
};

}  // namespace injector::webhook
