// Planning (planning_case.h): one line for each size of pod and number of components.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/bench_pod.h"
#include "bench/planning_case.h"
#include "patch/component.h"

namespace injector::bench {
namespace {

void Plan(benchmark::State& state) {
  PlanningCase planning(static_cast<std::size_t>(state.range(0)), static_cast<int>(state.range(1)));
  std::size_t patch_bytes = 0;
  for ([[maybe_unused]] const auto round : state) {
    const std::string patch = planning.Plan();
    patch_bytes = patch.size();
    benchmark::DoNotOptimize(patch.data());
  }
  state.counters["review_bytes"] = static_cast<double>(planning.ReviewBytes());
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
