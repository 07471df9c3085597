#include "patch/wait_container.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace injector::test {
namespace {

using nlohmann::json;
using patch::BuildWaitContainer;
using patch::ExpectedSocket;
using patch::Settings;

Settings WithWaitImage() {
  Settings settings;
  settings.wait_image = "r/component-injector:1";
  return settings;
}

json Build(const std::vector<ExpectedSocket>& expected, const Settings& settings,
           bool has_pod_resources = false) {
  return json::parse(BuildWaitContainer(
      {"wait-for-sockets", "/run/sockets", "90s", expected, has_pod_resources}, settings));
}

TEST(BuildWaitContainer, EveryFieldIsAsDocumented) {
  EXPECT_EQ(Build({{"redis", {"store"}, "r/redis:1", false, ""}}, WithWaitImage()), json::parse(R"({
    "name": "wait-for-sockets",
    "image": "r/component-injector:1",
    "imagePullPolicy": "IfNotPresent",
    "command": ["/component-injector"],
    "args": ["wait", "--folder", "/run/sockets", "--timeout", "90s", "--expect",
             "[{\"socket\":\"redis\",\"components\":[\"store\"],\"image\":\"r/redis:1\"}]"],
    "resources": {"limits": {"cpu": "50m", "memory": "32Mi"},
                  "requests": {"cpu": "50m", "memory": "32Mi"}},
    "volumeMounts": [{"name": "dapr-components-unix-domain-socket", "mountPath": "/run/sockets"}],
    "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                        "readOnlyRootFilesystem": true, "runAsNonRoot": true,
                        "seccompProfile": {"type": "RuntimeDefault"}},
    "terminationMessagePolicy": "FallbackToLogsOnError"})"));
}

TEST(BuildWaitContainer, ExpectArgumentTellsSoftnessAndNote) {
  const json container = Build({{"redis", {"a", "b"}, "r/redis:1", true, ""},
                                {"kafka", {"c"}, "r/kafka:1", false, "env of c was \"dropped\""}},
                               WithWaitImage());
  EXPECT_EQ(json::parse(container["args"][6].get<std::string>()), json::parse(R"([
    {"socket": "redis", "components": ["a", "b"], "image": "r/redis:1", "soft": true},
    {"socket": "kafka", "components": ["c"], "image": "r/kafka:1",
     "note": "env of c was \"dropped\""}])"));
}

TEST(BuildWaitContainer, RunsAsTheSidecarDoes) {
  Settings settings = WithWaitImage();
  settings.run_as_user = 1000;
  EXPECT_EQ(Build({}, settings)["securityContext"]["runAsUser"], 1000);
  EXPECT_FALSE(Build({}, settings)["securityContext"].contains("runAsGroup"));
  settings.run_as_group = 0;
  EXPECT_EQ(Build({}, settings)["securityContext"]["runAsGroup"], 0);
}

TEST(BuildWaitContainer, SettingsChangeResourcesAndPullPolicy) {
  Settings settings = WithWaitImage();
  settings.wait_cpu = "100m";
  settings.wait_memory = "64Mi";
  settings.wait_image_pull_policy = "Always";
  const json container = Build({}, settings);
  EXPECT_EQ(container["imagePullPolicy"], "Always");
  EXPECT_EQ(container["resources"], json::parse(R"({
    "limits": {"cpu": "100m", "memory": "64Mi"}, "requests": {"cpu": "100m", "memory": "64Mi"}})"));
}

TEST(BuildWaitContainer, PodThatBoundsTheSumLeavesItsResourcesOut) {
  EXPECT_FALSE(Build({}, WithWaitImage(), /*has_pod_resources=*/true).contains("resources"));
}

}  // namespace
}  // namespace injector::test
