// An admission whose Components come from the cache of a cluster that holds 10 to 10,000 of them,
// ten in each namespace: looking them up, and planning a pod of 10 KB with all ten.

#include <benchmark/benchmark.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/bench_pod.h"
#include "bench/planning_case.h"
#include "patch/admission.h"
#include "webhook/component_store.h"

namespace injector::bench {
namespace {

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
  std::shared_ptr<const patch::Surroundings> surroundings_ =
      std::make_shared<patch::Surroundings>(MakeSurroundings());
};

void PlanFromCache(benchmark::State& state) {
  PlanningCase planning(10, std::make_unique<CachedSources>(static_cast<int>(state.range(0))));
  for ([[maybe_unused]] const auto round : state) {
    benchmark::DoNotOptimize(planning.Plan().data());
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
