// Planning: the bytes of an AdmissionReview in, the bytes of the patch out, without base64, TLS or
// HTTP. One line for each size of pod and number of components.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "bench/bench_pod.h"
#include "patch/admission.h"
#include "tests/support/fixed_sources.h"

namespace injector::bench {
namespace {

patch::Surroundings MakeSurroundings() {
  patch::Surroundings surroundings;
  surroundings.trust_anchors = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  surroundings.server_minor = 36;
  return surroundings;
}

patch::Settings MakeSettings() {
  patch::Settings settings;
  settings.control_plane_namespace = "dapr-system";
  settings.sidecar_image = "ghcr.io/dapr/daprd:1.18.3";
  settings.wait_image = "ghcr.io/example/component-injector:1";
  return settings;
}

void Plan(benchmark::State& state) {
  const std::string review = MakeReview(static_cast<std::size_t>(state.range(0)) * 1024);
  test::FixedSources sources(MakeComponents(static_cast<int>(state.range(1))), MakeSurroundings());
  const patch::Settings settings = MakeSettings();
  patch::JsonParser parser;
  std::size_t patch_bytes = 0;
  for ([[maybe_unused]] const auto round : state) {
    const auto parsed = parser.Parse(review);
    const auto admission =
        patch::AdmitPod({parsed->Find("request").Find("object"), "shop"}, sources, settings);
    patch_bytes = admission.patch.size();
    if (patch_bytes == 0) std::abort();
    benchmark::DoNotOptimize(admission.patch.data());
  }
  state.counters["review_bytes"] = static_cast<double>(review.size());
  state.counters["patch_bytes"] = static_cast<double>(patch_bytes);
}

BENCHMARK(Plan)
    ->ArgNames({"pod_KiB", "components"})
    ->ArgsProduct({{10, 50}, {0, 3, 10}})
    ->Args({1024, 3})
    ->Unit(benchmark::kMicrosecond);

// A Component is read when it changes, not when a pod comes.
void ReadComponent(benchmark::State& state) {
  const auto manifest = MakeComponentManifest(static_cast<std::size_t>(state.range(0)) * 1024);
  for ([[maybe_unused]] const auto round : state) {
    const patch::Component component = patch::ParseComponent(manifest);
    if (component.fault || component.container_fault) std::abort();
    benchmark::DoNotOptimize(component.container.members.data());
  }
}

BENCHMARK(ReadComponent)->ArgName("container_KiB")->Arg(1)->Arg(200)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace injector::bench

BENCHMARK_MAIN();
