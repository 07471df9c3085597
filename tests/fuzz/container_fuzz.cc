// The text of the annotation dapr.io/component-container: read by itself, written by its author,
// injected into a pod.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patch/component.h"
#include "patch/container_template.h"
#include "tests/fuzz/demand.h"
#include "tests/fuzz/fuzzed_webhook.h"
#include "tests/fuzz/json_mutator.h"

INJECTOR_FUZZ_JSON

namespace injector::test {
namespace {

using nlohmann::json;

// As the API server would send it: nothing that is no UTF-8 ever gets there.
std::optional<json> ComponentWith(std::string_view container) {
  json component = json::parse(R"({
    "apiVersion": "dapr.io/v1alpha1", "kind": "Component",
    "metadata": {"name": "fuzzed", "namespace": "shop", "annotations": {}},
    "spec": {"type": "state.fuzzed", "version": "v1"}})");
  component["metadata"]["annotations"]["dapr.io/component-container"] = container;
  try {
    (void)component.dump();
  } catch (const json::exception&) {
    return std::nullopt;
  }
  return component;
}

std::vector<json> Neighbours() {
  json neighbour = json::parse(R"({
    "metadata": {"name": "a-neighbour", "namespace": "shop", "annotations": {}},
    "spec": {"type": "state.a-neighbour", "version": "v1"}})");
  neighbour["metadata"]["annotations"]["dapr.io/component-container"] =
      R"({"name": "store", "image": "r/store:1",
          "ports": [{"containerPort": 80, "hostPort": 8080}]})";
  return {neighbour};
}

json Pod() {
  return json::parse(R"({
    "metadata": {"name": "orders-1", "annotations": {
      "dapr.io/enabled": "true", "dapr.io/app-id": "orders",
      "dapr.io/inject-pluggable-components": "true"}},
    "spec": {
      "volumes": [{"name": "data", "emptyDir": {}},
                  {"name": "token", "projected": {"sources": [{"serviceAccountToken": {}}]}}],
      "resourceClaims": [{"name": "gpu"}],
      "initContainers": [{"name": "migrate", "image": "r/migrate:1"}],
      "containers": [{"name": "orders", "image": "r/orders:1",
                      "ports": [{"containerPort": 80, "hostPort": 80}],
                      "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}})");
}

// The same in a pod that leaves less room: it bounds the sum of resources and is on the host.
json NarrowPod() {
  json pod = Pod();
  pod["spec"]["hostNetwork"] = true;
  pod["spec"]["resources"] = {{"limits", {{"cpu", "2"}}}};
  return pod;
}

void CheckValidation(const json& component, bool usable) {
  json review = ReviewOf(component);
  review["request"]["kind"] = {
      {"group", "dapr.io"}, {"version", "v1alpha1"}, {"kind", "Component"}};
  const webhook::HttpReply reply = AskToValidate(review.dump());
  Demand(CheckedPatch(review, reply).is_null(), "a Component is not changed");
  const bool allowed = json::parse(reply.body)["response"]["allowed"] == true;
  Demand(allowed == usable, "a Component is denied when, and only when, no pod could have it");
}

void Check(std::string_view text) {
  const auto container = patch::ParseContainerTemplate(text);
  const auto component = ComponentWith(text);
  Demand(component || !container, "a container that is taken is UTF-8");
  if (!component) return;
  const patch::Component read = patch::ParseComponent(*component);
  Demand(!read.fault, "the Component itself is well formed");
  Demand(!read.declares_container || read.container_fault.has_value() == !container,
         "a container is read the same way each time");
  CheckValidation(*component, text.empty() || container.has_value());
  FuzzedCluster cluster{.components = Neighbours(), .settings = text.size()};
  cluster.components.push_back(*component);
  for (const json& pod : {Pod(), NarrowPod()}) {
    const json review = ReviewOf(pod);
    CheckMutation(review.dump(), review, cluster);
  }
}

}  // namespace
}  // namespace injector::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  injector::test::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
