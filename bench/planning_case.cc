#include "bench/planning_case.h"

#include <cstdlib>
#include <utility>

#include "bench/bench_pod.h"
#include "tests/support/fixed_sources.h"

namespace injector::bench {
namespace {

patch::Settings MakeSettings() {
  patch::Settings settings;
  settings.control_plane_namespace = "dapr-system";
  settings.sidecar_image = "ghcr.io/dapr/daprd:1.18.3";
  settings.wait_image = "ghcr.io/example/component-injector:1";
  return settings;
}

}  // namespace

patch::Surroundings MakeSurroundings() {
  patch::Surroundings surroundings;
  surroundings.trust_anchors = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  surroundings.server_minor = 36;
  return surroundings;
}

PlanningCase::PlanningCase(std::size_t pod_kib, int components)
    : PlanningCase(pod_kib, std::make_unique<test::FixedSources>(MakeComponents(components),
                                                                 MakeSurroundings())) {}

PlanningCase::PlanningCase(std::size_t pod_kib, std::unique_ptr<patch::AdmissionSources> sources)
    : review_(MakeReview(pod_kib * 1024)),
      sources_(std::move(sources)),
      settings_(MakeSettings()) {}

std::string PlanningCase::Plan() {
  const auto parsed = parser_.Parse(review_);
  auto admission =
      patch::AdmitPod({parsed->Find("request").Find("object"), "shop"}, *sources_, settings_);
  if (admission.patch.empty()) std::abort();
  return std::move(admission.patch);
}

}  // namespace injector::bench
