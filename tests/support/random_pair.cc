#include "tests/support/random_pair.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/support/fixed_sources.h"
#include "tests/support/random_pod.h"

namespace injector::test {
namespace {

using nlohmann::json;

patch::Settings RandomSettings(RandomSource& random) {
  constexpr patch::Placement kPlacements[] = {patch::Placement::kAuto, patch::Placement::kSidecar,
                                              patch::Placement::kContainer};
  constexpr patch::StatusAnnotation kStatus[] = {patch::StatusAnnotation::kOff,
                                                 patch::StatusAnnotation::kComponents,
                                                 patch::StatusAnnotation::kAll};
  patch::Settings settings;
  settings.control_plane_namespace = "dapr-system";
  settings.sidecar_image = "r/daprd:1";
  settings.native_sidecar = random.Chance(30);
  settings.drop_all_capabilities = random.Chance(30);
  if (random.Chance(30)) settings.run_as_user = 1000;
  settings.ordering.placement = random.Pick(kPlacements);
  if (random.Chance(30)) settings.ordering.init_position = patch::InitPosition::kFirst;
  if (random.Chance(80)) settings.wait_image = "r/component-injector:1";
  settings.status_annotation = random.Pick(kStatus);
  return settings;
}

patch::Surroundings RandomSurroundings(RandomSource& random) {
  patch::Surroundings surroundings;
  surroundings.trust_anchors = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
  surroundings.mtls_enabled = random.Chance(90);
  surroundings.identity_token = random.Chance(90);
  if (random.Chance(80)) surroundings.server_minor = random.Chance(70) ? 36 : 31;
  return surroundings;
}

std::vector<json> RandomComponents(RandomSource& random) {
  std::vector<json> components;
  for (std::size_t i = random.Below(5); i > 0; --i) {
    components.push_back(RandomComponent(random, "component-" + std::to_string(i - 1)));
  }
  return components;
}

// By name, as every source hands them out.
patch::ComponentList Parse(const std::vector<json>& objects) {
  patch::ComponentList list;
  for (const json& object : objects) {
    list.push_back(std::make_shared<const patch::Component>(patch::ParseComponent(object)));
  }
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  return list;
}

}  // namespace

RandomPair::RandomPair(std::uint64_t seed)
    : random_(seed),
      pod_(RandomPod(random_)),
      components_(RandomComponents(random_)),
      settings_(RandomSettings(random_)),
      surroundings_(RandomSurroundings(random_)) {}

patch::Admission RandomPair::Admit(const json& pod, const std::vector<json>& components) {
  FixedSources sources(Parse(components), surroundings_);
  const std::string text = pod.dump();
  const auto parsed = parser_.Parse(text);
  if (!parsed) throw std::logic_error("a random pod cannot be parsed: " + text);
  const patch::AdmissionRequest request{*parsed, "shop"};
  return patch::AdmitPod(request, sources, settings_);
}

}  // namespace injector::test
