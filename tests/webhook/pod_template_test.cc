#include "webhook/pod_template.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

using Json = nlohmann::ordered_json;

// "<kind> <namespace>/<name> <pointer>" of each template, one a line.
std::string Found(const Json& document) {
  std::string lines;
  for (const auto& pod : webhook::FindPodTemplates(document)) {
    lines +=
        pod.kind + " " + pod.namespace_name + "/" + pod.name + " " + pod.pointer.to_string() + "\n";
  }
  return lines;
}

std::string FoundInWorkload(const std::string& api_version, const std::string& kind) {
  return Found({{"apiVersion", api_version},
                {"kind", kind},
                {"metadata", {{"name", "w"}, {"namespace", "n"}}},
                {"spec", {{"template", {{"spec", Json::object()}}}}}});
}

TEST(FindPodTemplates, PodIsItsOwnTemplate) {
  EXPECT_EQ(Found(Json::parse(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}})")),
            "Pod /p \n");
}

TEST(FindPodTemplates, WorkloadsHoldOneEach) {
  for (const char* kind : {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"}) {
    EXPECT_EQ(FoundInWorkload("apps/v1", kind), std::string(kind) + " n/w /spec/template\n");
  }
  EXPECT_EQ(FoundInWorkload("apps/v1beta2", "Deployment"), "Deployment n/w /spec/template\n");
  EXPECT_EQ(FoundInWorkload("v1", "ReplicationController"),
            "ReplicationController n/w /spec/template\n");
  EXPECT_EQ(FoundInWorkload("batch/v1", "Job"), "Job n/w /spec/template\n");
}

TEST(FindPodTemplates, CronJobHoldsItsTemplateDeeper) {
  EXPECT_EQ(Found(Json::parse(R"({"apiVersion": "batch/v1", "kind": "CronJob",
                "spec": {"jobTemplate": {"spec": {"template": {"spec": {}}}}}})")),
            "CronJob / /spec/jobTemplate/spec/template\n");
}

TEST(FindPodTemplates, OtherGroupsAndKindsHoldNone) {
  EXPECT_EQ(FoundInWorkload("example.com/v1", "Deployment"), "");
  EXPECT_EQ(FoundInWorkload("v1", "PodTemplate"), "");
  EXPECT_EQ(Found(Json::parse("null")), "");
  EXPECT_EQ(Found(Json::parse("[1]")), "");
}

TEST(FindPodTemplates, TemplateThatIsNoObjectIsNone) {
  EXPECT_EQ(Found(Json::parse(
                R"({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": 3}})")),
            "");
  EXPECT_EQ(Found(Json::parse(R"({"apiVersion": "apps/v1", "kind": "Deployment"})")), "");
}

TEST(FindPodTemplates, ListsAreSearchedToAnyDepth) {
  const Json pod = Json::parse(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}})");
  const auto list = [](Json items) {
    return Json{{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}};
  };
  EXPECT_EQ(Found(list(Json::array({3, pod, list(Json::array({pod}))}))),
            "Pod /p /items/1\nPod /p /items/2/items/0\n");
}

TEST(FindPodTemplates, ItemsOfATypedListNeedNoKind) {
  EXPECT_EQ(Found(Json::parse(R"({"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [
                {"metadata": {"name": "d"}, "spec": {"template": {}}}]})")),
            "Deployment /d /items/0/spec/template\n");
}

}  // namespace
}  // namespace injector::test
