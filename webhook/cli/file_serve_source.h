#pragma once

// The embedded source: --resources and the trust anchors, followed on disk.

#include <optional>

#include "webhook/cli/serve_context.h"
#include "webhook/cli/serve_source.h"
#include "webhook/resource_files.h"
#include "webhook/resource_watch.h"
#include "webhook/surroundings.h"

namespace injector::webhook {

class FileServeSource : public ServeSource {
 public:
  explicit FileServeSource(const ServeContext& context);

  // Errors: kFile for resources that cannot be read; trust anchors may come later.
  [[nodiscard]] Result<void> Start() override;
  [[nodiscard]] ComponentSource& Components() override { return resources_; }
  [[nodiscard]] const SurroundingsSource& Surroundings() const override { return surroundings_; }

 private:
  const ServeContext context_;
  ResourceFiles resources_;
  FileSurroundings surroundings_;
  std::optional<ResourceWatch> watch_;
};

}  // namespace injector::webhook
