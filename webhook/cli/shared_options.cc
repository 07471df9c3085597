#include "webhook/cli/shared_options.h"

#include <utility>

namespace injector::webhook {
namespace {

void ReadPlan(OptionReader& reader, CommonOptions& common) {
  using patch::InitPosition;
  using patch::Placement;
  using patch::StatusAnnotation;
  patch::Settings& settings = common.settings;
  patch::Ordering& ordering = settings.ordering;
  reader.Choice("component-placement", ordering.placement,
                {{"auto", Placement::kAuto},
                 {"sidecar", Placement::kSidecar},
                 {"container", Placement::kContainer}});
  reader.Choice("init-position", ordering.init_position,
                {{"last", InitPosition::kLast}, {"first", InitPosition::kFirst}});
  reader.Choice("component-wait", ordering.wait, {{"on", true}, {"off", false}});
  reader.WaitTimeout("wait-timeout", ordering.wait_timeout);
  reader.Quantity("wait-cpu", settings.wait_cpu);
  reader.Quantity("wait-memory", settings.wait_memory);
  reader.Names("mesh-init-containers", settings.mesh_init_containers);
  reader.Choice("status-annotation", settings.status_annotation,
                {{"components", StatusAnnotation::kComponents},
                 {"all", StatusAnnotation::kAll},
                 {"off", StatusAnnotation::kOff}});
  reader.Switch("scheduler-enabled", settings.scheduler_enabled);
}

}  // namespace

void ReadCommon(OptionReader& reader, EnvironmentSettings& environment,
                WithoutResources without_resources, CommonOptions& common) {
  common.settings = std::move(environment.settings);
  common.trust_anchors_file = std::move(environment.trust_anchors_file);
  common.warnings = std::move(environment.warnings);
  reader.List("resources", common.resources);
  const bool offline = without_resources == WithoutResources::kOffline || !common.resources.empty();
  common.identity_token = offline ? IdentityToken::kAlways : IdentityToken::kAuto;
  reader.Choice("identity-token", common.identity_token,
                {{"always", IdentityToken::kAlways},
                 {"never", IdentityToken::kNever},
                 {"auto", IdentityToken::kAuto}});
  if (offline) common.server_minor = kCurrentKubernetesMinor;
  reader.KubernetesMinor("kubernetes-version", common.server_minor);
  ReadPlan(reader, common);
}

void ReadLog(OptionReader& reader, LogOptions& log) {
  std::string level = "info";
  reader.Text("log-level", level);
  const auto parsed = ParseLogLevel(level);
  if (parsed) {
    log.level = *parsed;
  } else {
    reader.Fault(kExitFailed, "--log-level: " + parsed.error().Text());
  }
  reader.Switch("log-as-json", log.as_json);
  reader.Text("log-file", log.file);
}

}  // namespace injector::webhook
