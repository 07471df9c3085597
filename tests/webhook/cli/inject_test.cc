#include "webhook/cli/inject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "k8s/manifest.h"
#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

constexpr const char* kDeployment = R"(# A comment before.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata:
      annotations:
        dapr.io/enabled: "true"
        dapr.io/app-id: web
        dapr.io/inject-pluggable-components: "true"
    spec:
      containers:
      - name: app
        image: app:1
        args: ["8080", 'yes', "0644"]
)";

constexpr const char* kComponent = R"(apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: kafka
  annotations:
    dapr.io/component-container: |
      {"name": "kafka", "image": "kafka:1"}
spec:
  type: pubsub.kafka
  version: v1
)";

constexpr const char* kService = "# untouched\nkind:   Service\napiVersion: v1 # odd layout\n";

class Inject : public testing::Test {
 protected:
  Inject() {
    options_.common.settings.control_plane_namespace = "dapr-system";
    options_.common.settings.sidecar_image = "daprd:1";
    options_.common.settings.wait_image = "injector:1";
    options_.common.server_minor = 34;
    options_.common.trust_anchors_file =
        folder_.Write("ca.crt", "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n");
    options_.files = {"-"};
  }

  int Run(const std::string& input) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const int code = RunInject(options_, in, out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  Json Document(std::size_t index) const {
    return k8s::ParseManifests(out_, "out").value().at(index).value;
  }

  ScopedTempDir folder_;
  webhook::InjectOptions options_;
  std::string out_;
  std::string err_;
};

std::vector<std::string> NamesOf(const Json& containers) {
  std::vector<std::string> names;
  for (const Json& container : containers) names.push_back(container.at("name"));
  return names;
}

TEST_F(Inject, DeploymentGetsSidecarAndComponents) {
  EXPECT_EQ(Run(std::string(kDeployment) + "---\n" + kComponent), 0) << err_;
  EXPECT_EQ(err_, "");
  const Json spec = Document(0).at("/spec/template/spec"_json_pointer);
  EXPECT_THAT(NamesOf(spec["initContainers"]), ElementsAre("kafka", "wait-for-sockets"));
  EXPECT_THAT(NamesOf(spec["containers"]), ElementsAre("app", "daprd"));
}

TEST_F(Inject, MembersKeepTheirOrderAndStringsTheirType) {
  EXPECT_EQ(Run(kDeployment), 0);
  EXPECT_THAT(out_,
              testing::StartsWith("# A comment before.\napiVersion: apps/v1\nkind: Deployment\n"
                                  "metadata:\n  name: web\n  namespace: shop\nspec:\n"));
  EXPECT_THAT(out_, HasSubstr("        args:\n        - \"8080\"\n        - \"yes\"\n"
                              "        - \"0644\"\n"));
}

TEST_F(Inject, DocumentsWithoutAPodTemplateAreCopiedByteForByte) {
  EXPECT_EQ(Run(std::string(kService) + "--- # next\n" + kDeployment + "---\n# end\n" + kComponent),
            0);
  EXPECT_THAT(out_, testing::StartsWith(std::string(kService) + "--- # next\n# A comment before."));
  EXPECT_THAT(out_, testing::EndsWith(std::string("---\n# end\n") + kComponent));
}

TEST_F(Inject, TemplateThatDidNotOptInIsCopiedByteForByte) {
  const std::string text =
      "kind: Pod\napiVersion:   v1\nmetadata: {name: x}\nspec: # nothing\n  containers: []\n";
  EXPECT_EQ(Run(text), 0);
  EXPECT_EQ(out_, text);
}

TEST_F(Inject, TwiceIsTheSameAsOnce) {
  ASSERT_EQ(Run(std::string(kDeployment) + "---\n" + kComponent), 0);
  const std::string once = out_;
  EXPECT_EQ(Run(once), 0);
  EXPECT_EQ(out_, once);
}

TEST_F(Inject, ComponentsComeFromResourcesToo) {
  options_.common.resources = {folder_.Write("r/kafka.yaml", kComponent)};
  EXPECT_EQ(Run(kDeployment), 0);
  EXPECT_THAT(out_, HasSubstr("image: kafka:1"));
}

TEST_F(Inject, ComponentOfTheInputReplacesThatOfTheResources) {
  std::string old = kComponent;
  old.replace(old.find("kafka:1"), 7, "kafka:0");
  options_.common.resources = {folder_.Write("r/kafka.yaml", old)};
  EXPECT_EQ(Run(std::string(kDeployment) + "---\n" + kComponent), 0);
  EXPECT_THAT(out_, Not(HasSubstr("image: kafka:0")));
}

TEST_F(Inject, NamespaceIsTheOptionsElseTheManifestsElseDefault) {
  EXPECT_EQ(Run(kDeployment), 0);
  EXPECT_THAT(out_, HasSubstr("- name: NAMESPACE\n          value: shop\n"));
  options_.namespace_name = "other";
  EXPECT_EQ(Run(kDeployment), 0);
  EXPECT_THAT(out_, HasSubstr("- name: NAMESPACE\n          value: other\n"));
  options_.namespace_name.reset();
  std::string without = kDeployment;
  without.erase(without.find("  namespace: shop\n"), 18);
  EXPECT_EQ(Run(without), 0);
  EXPECT_THAT(out_, HasSubstr("- name: NAMESPACE\n          value: default\n"));
}

TEST_F(Inject, DaprSystemOfTheInputSwitchesMtls) {
  ASSERT_EQ(Run(kDeployment), 0);
  EXPECT_THAT(out_, HasSubstr("--enable-mtls"));
  ASSERT_EQ(Run(std::string(kDeployment) +
                "---\napiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: "
                "daprsystem}\nspec: {mtls: {enabled: false}}\n"),
            0);
  EXPECT_THAT(out_, Not(HasSubstr("--enable-mtls")));
}

TEST_F(Inject, DeniedPodLeavesItsDocumentUnchanged) {
  std::string text = kDeployment;
  text.erase(text.find("        dapr.io/app-id: web\n"), 28);
  EXPECT_EQ(Run(text), 1);
  EXPECT_EQ(out_, text);
  EXPECT_THAT(err_, HasSubstr("stdin:2: Deployment web: denied: value for the dapr.io/app-id "
                              "annotation is empty: pods of a Deployment have no name yet when "
                              "they are admitted; set dapr.io/app-id"));
}

TEST_F(Inject, TemplateNameIsNoAppId) {
  std::string text = kDeployment;
  text.erase(text.find("        dapr.io/app-id: web\n"), 28);
  text.insert(text.find("      annotations:\n"), "      name: web\n");
  text.replace(text.find("kind: Deployment"), 16, "kind: StatefulSet");
  EXPECT_EQ(Run(text), 1);
  EXPECT_THAT(err_, HasSubstr("each pod of a StatefulSet would use its own name"));
}

TEST_F(Inject, ListWithADeniedPodIsLeftWhole) {
  const std::string pod = R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": ")";
  const std::string rest =
      R"(", "annotations": {"dapr.io/enabled": "true"}}, "spec": {"containers": []}})";
  const std::string text = R"({"apiVersion": "v1", "kind": "List", "items": [)" + pod + "good" +
                           rest + ", " + pod + "Bad Name" + rest + "]}";
  EXPECT_EQ(Run(text), 1);
  EXPECT_EQ(out_, text);
}

TEST_F(Inject, WhatIsNotGivenIsSaidAndExitIsOne) {
  std::string component = kComponent;
  component.replace(component.find("\"kafka:1\""), 9, "5");
  EXPECT_EQ(Run(std::string(kDeployment) + "---\n" + component), 1);
  EXPECT_THAT(err_, HasSubstr("stdin:2: Deployment web: not given: component kafka: "));
  EXPECT_THAT(err_, HasSubstr("[component/invalid-container]\n"));
  EXPECT_THAT(out_, HasSubstr("name: daprd"));
}

TEST_F(Inject, MissingTrustAnchorsAreAPlaceholderAndExitOne) {
  options_.common.trust_anchors_file = "/proc/none/ca.crt";
  EXPECT_EQ(Run(kDeployment), 1);
  EXPECT_THAT(out_, HasSubstr("PLACEHOLDER"));
  EXPECT_THAT(err_, HasSubstr("/proc/none/ca.crt: No such file or directory"));
}

TEST_F(Inject, UnreadableInputPrintsNothingAndExitsTwo) {
  EXPECT_EQ(Run(std::string(kDeployment) + "---\na: 1\na: 2\n"), 2);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "stdin:21:1: key \"a\" is there twice\n");
}

TEST_F(Inject, UnreadableResourcesExitTwo) {
  options_.common.resources = {"/proc/none"};
  EXPECT_EQ(Run(kDeployment), 2);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "/proc/none: No such file or directory\n");
}

TEST_F(Inject, JsonStaysJson) {
  const std::string service = R"({"apiVersion":"v1","kind":"Service"})";
  const std::string pod = R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p",
      "annotations": {"dapr.io/enabled": "true"}}, "spec": {"containers": []}})";
  EXPECT_EQ(Run(service + "\n" + pod + "\n" + service + "\n"), 0);
  EXPECT_THAT(out_, testing::StartsWith(service + "\n{\n  \"apiVersion\": \"v1\","));
  EXPECT_THAT(out_, testing::EndsWith("}\n" + service + "\n"));
  EXPECT_THAT(NamesOf(Document(1)["spec"]["containers"]), ElementsAre("daprd"));
}

TEST_F(Inject, DocumentOnItsSeparatorLineIsRewrittenBelowIt) {
  EXPECT_EQ(Run("--- {apiVersion: v1, kind: Pod, metadata: {name: p, annotations: "
                "{dapr.io/enabled: \"true\"}}, spec: {containers: []}}\n"),
            0);
  EXPECT_THAT(out_, testing::StartsWith("--- \napiVersion: v1\n"));
  EXPECT_THAT(NamesOf(Document(0)["spec"]["containers"]), ElementsAre("daprd"));
}

TEST_F(Inject, JsonOutputIsOneValue) {
  options_.output = webhook::ManifestFormat::kJson;
  EXPECT_EQ(Run(kDeployment), 0);
  EXPECT_EQ(Json::parse(out_)["kind"], "Deployment");
  EXPECT_EQ(Run(std::string(kService) + "---\n" + kDeployment), 0);
  const Json list = Json::parse(out_);
  EXPECT_EQ(list["kind"], "List");
  EXPECT_EQ(list["items"][0]["kind"], "Service");
  EXPECT_THAT(NamesOf(list.at("/items/1/spec/template/spec/containers"_json_pointer)),
              ElementsAre("app", "daprd"));
}

TEST_F(Inject, FilesFollowOneAnotherAsDocuments) {
  options_.files = {folder_.Write("a.yaml", "a: 1"), folder_.Write("b.yaml", "---\nb: 1\n"),
                    folder_.Write("c.yaml",
                                  "\xEF\xBB\xBF"
                                  "c: 1\n"),
                    folder_.Write("d.yaml", "%YAML 1.1\n---\nd: 1\n")};
  EXPECT_EQ(Run(""), 0);
  EXPECT_EQ(out_, "a: 1\n---\nb: 1\n---\nc: 1\n...\n%YAML 1.1\n---\nd: 1\n");
  EXPECT_EQ(k8s::ParseManifests(out_, "out")->size(), 4U);
}

TEST_F(Inject, EveryWorkloadIsInjected) {
  for (const char* kind : {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"}) {
    std::string text = kDeployment;
    text.replace(text.find("Deployment"), 10, kind);
    EXPECT_EQ(Run(text), 0);
    EXPECT_THAT(out_, HasSubstr("- name: daprd\n")) << kind;
  }
}

TEST_F(Inject, JobThatWillNotEndIsAWarning) {
  std::string text = kDeployment;
  text.replace(text.find("Deployment"), 10, "Job");
  text.replace(text.find("apps/v1"), 7, "batch/v1");
  EXPECT_EQ(Run(text), 0);
  EXPECT_THAT(err_, HasSubstr("stdin:2: Job web: warning: "));
  EXPECT_THAT(err_, HasSubstr("[pod/job-will-not-end]"));
}

}  // namespace
}  // namespace injector::test
