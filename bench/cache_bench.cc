// An admission whose Components come from the cache of a cluster that holds 10 to 10,000 of them,
// ten in each namespace: looking them up, and planning a pod of 10 KB with all ten.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/bench_pod.h"
#include "patch/admission.h"
#include "webhook/component_store.h"

namespace injector::bench {
namespace {

std::shared_ptr<const patch::Surroundings> MakeSurroundings() {
  auto surroundings = std::make_shared<patch::Surroundings>();
  surroundings->trust_anchors = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  surroundings->server_minor = 36;
  return surroundings;
}

class CachedSources : public patch::AdmissionSources {
 public:
  explicit CachedSources(int count) {
    nlohmann::json object = MakeComponentManifest(1024);
    store_.Begin();
    for (int i = 0; i < count; ++i) {
      object["metadata"]["name"] = "store-" + std::to_string(i);
      object["metadata"]["namespace"] = i < 10 ? "shop" : "team-" + std::to_string(i / 10);
      store_.Add(object);
    }
    store_.Commit();
  }

  bool CallerAllowed() override { return true; }
  patch::Result<patch::ComponentLook> Components(const std::vector<std::string>&) override {
    return patch::ComponentLook{store_.Find("shop")};
  }
  std::shared_ptr<const patch::Surroundings> CurrentSurroundings() override {
    return surroundings_;
  }

 private:
  webhook::ComponentStore store_;
  std::shared_ptr<const patch::Surroundings> surroundings_ = MakeSurroundings();
};

void PlanFromCache(benchmark::State& state) {
  const std::string review = MakeReview(10 * 1024);
  CachedSources sources(static_cast<int>(state.range(0)));
  patch::Settings settings;
  settings.control_plane_namespace = "dapr-system";
  settings.sidecar_image = "ghcr.io/dapr/daprd:1.18.3";
  settings.wait_image = "ghcr.io/example/component-injector:1";
  patch::JsonParser parser;
  for ([[maybe_unused]] const auto round : state) {
    const auto parsed = parser.Parse(review);
    const auto admission =
        patch::AdmitPod({parsed->Find("request").Find("object"), "shop"}, sources, settings);
    if (admission.patch.empty()) std::abort();
    benchmark::DoNotOptimize(admission.patch.data());
  }
}

BENCHMARK(PlanFromCache)
    ->ArgName("cached")
    ->Arg(10)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace injector::bench

BENCHMARK_MAIN();
