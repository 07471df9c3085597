#include "webhook/cli/file_serve_source.h"

#include <string>
#include <utility>

namespace injector::webhook {

FileServeSource::FileServeSource(const ServeContext& context)
    : context_(context),
      resources_(context.options.common.resources),
      surroundings_(context.options.common, MissingTrustAnchors::kNothing) {}

Result<void> FileServeSource::Start() {
  std::optional<std::string> fault;
  ReadResources(&resources_, surroundings_, [&](const ReloadReport& report) {
    if (!report.good && report.what == "resources") fault = report.message;
    context_.Tell(report);
  });
  if (fault) return Fail(ErrorKind::kFile, *std::move(fault));
  watch_.emplace(&resources_, surroundings_,
                 [this](const ReloadReport& report) { context_.Tell(report); });
  return {};
}

}  // namespace injector::webhook
