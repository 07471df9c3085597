#include "tests/soak/checked_answer.h"

#include <algorithm>
#include <set>
#include <vector>

#include "k8s/base64.h"
#include "tests/support/pod_invariants.h"

namespace injector::test {
namespace {

using nlohmann::json;

enum Kind { kNotOptedIn, kDaprdOnly, kComponents, kLarge, kKinds };

json Pod(int kind) {
  json pod = json::parse(R"({
    "apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "orders-1", "namespace": "shop", "annotations": {}},
    "spec": {"containers": [{"name": "app", "image": "registry.example.com/app:1"}]}})");
  json& annotations = pod["metadata"]["annotations"];
  if (kind == kNotOptedIn) return pod;
  annotations["dapr.io/enabled"] = "true";
  annotations["dapr.io/app-id"] = "orders";
  if (kind != kDaprdOnly) annotations["dapr.io/inject-pluggable-components"] = "true";
  const int variables = kind == kLarge ? 400 : 10;
  for (int i = 0; i < variables; ++i) {
    pod["spec"]["containers"][0]["env"].push_back(
        {{"name", "SETTING_" + std::to_string(i)}, {"value", std::string(80, 'v')}});
  }
  return pod;
}

// Images of the containers beside the app, daprd and the wait container.
std::set<std::string> ComponentImages(const json& pod) {
  std::set<std::string> images;
  for (const char* list : {"containers", "initContainers"}) {
    for (const json& container : pod["spec"].value(list, json::array())) {
      const std::string name = container.at("name");
      if (name != "app" && name != "daprd" && name != "wait-for-sockets") {
        images.insert(container.at("image"));
      }
    }
  }
  return images;
}

bool HasSidecar(const json& pod) {
  const json& containers = pod["spec"]["containers"];
  return std::count_if(containers.begin(), containers.end(),
                       [](const json& container) { return container.at("name") == "daprd"; }) == 1;
}

}  // namespace

CheckedAnswer::CheckedAnswer(long number) : kind_(static_cast<int>(number % kKinds)) {
  review_ = json::parse(R"({
    "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
    "request": {
      "kind": {"group": "", "version": "v1", "kind": "Pod"},
      "resource": {"group": "", "version": "v1", "resource": "pods"},
      "namespace": "shop", "operation": "CREATE",
      "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"}}})");
  review_["request"]["uid"] = "soak-" + std::to_string(number);
  review_["request"]["object"] = Pod(kind_);
}

std::string CheckedAnswer::Fault(std::string_view body) const {
  const json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (answer.is_discarded() || !answer.contains("response")) return "no AdmissionReview";
  const json& response = answer["response"];
  if (response.value("uid", "") != review_["request"]["uid"]) return "another review's uid";
  if (!response.value("allowed", false)) return "denied: " + response.dump();
  const json& pod = review_["request"]["object"];
  if (!response.contains("patch")) return PodFault(pod);
  const auto patch = k8s::DecodeBase64(response["patch"].get<std::string>());
  if (!patch) return "the patch is no base64";
  try {
    const json patched = pod.patch(json::parse(*patch));
    const auto broken = BrokenInvariants(pod, patched);
    return broken.empty() ? PodFault(patched) : broken.front();
  } catch (const json::exception& error) {
    return std::string("the patch does not apply: ") + error.what();
  }
}

std::string CheckedAnswer::PodFault(const json& pod) const {
  if (HasSidecar(pod) != (kind_ != kNotOptedIn)) return "daprd is missing, or there unasked";
  const std::set<std::string> found = ComponentImages(pod);
  const bool wants = kind_ == kComponents || kind_ == kLarge;
  const std::vector<std::set<std::string>> right =
      wants ? std::vector<std::set<std::string>>{{"registry.example.com/store:a"},
                                                 {"registry.example.com/store:b",
                                                  "registry.example.com/ledger:b"}}
            : std::vector<std::set<std::string>>{{}};
  if (std::find(right.begin(), right.end(), found) != right.end()) return "";
  return "these are not the Components that there are: " + json(found).dump();
}

}  // namespace injector::test
