#pragma once

// Where a running webhook takes Components and surroundings from: files, or a cluster.

#include "k8s/client.h"
#include "webhook/allowed_uids.h"
#include "webhook/component_source.h"
#include "webhook/result.h"
#include "webhook/surroundings_source.h"

namespace injector::webhook {

class ServeSource {
 public:
  virtual ~ServeSource() = default;

  // Reads once, or begins to, and follows changes from then on in threads of its own.
  // Errors: what must end the start.
  [[nodiscard]] virtual Result<void> Start() = 0;

  [[nodiscard]] virtual ComponentSource& Components() = 0;
  [[nodiscard]] virtual const SurroundingsSource& Surroundings() const = 0;
  // User ids that may have sidecars; null without a cluster.
  [[nodiscard]] virtual const AllowedUids* Uids() const { return nullptr; }
  // The Kubernetes API; null without a cluster. Usable before Start.
  [[nodiscard]] virtual k8s::Client* Api() { return nullptr; }
};

}  // namespace injector::webhook
