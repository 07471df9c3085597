#include "webhook/cli/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/support/scoped_temp_dir.h"
#include "webhook/cli/explanation.h"

namespace injector::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

std::string Pod(const std::string& annotations) {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations:\n" + annotations +
         "spec:\n  containers:\n  - name: app\n";
}

constexpr const char* kEnabled = "    dapr.io/enabled: \"true\"\n";
constexpr const char* kInjectComponents = "    dapr.io/inject-pluggable-components: \"true\"\n";

constexpr const char* kComponents = R"(---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: kafka
  annotations:
    dapr.io/component-container: '{"image": "kafka:1"}'
spec: {type: pubsub.kafka, version: v1}
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: redis}
spec: {type: state.redis, version: v1}
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: secret
  annotations:
    dapr.io/component-container: '{"image": "secret:1"}'
spec: {type: state.secret, version: v1}
scopes: [other]
)";

class Explain : public testing::Test {
 protected:
  Explain() {
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
    const int code = RunExplain(options_, in, out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  // "<subject> <name> <reason>" of the only pod's decisions, one a line.
  std::string Reasons(const std::string& input) {
    options_.output = webhook::ReportFormat::kJson;
    code_ = Run(input);
    const Json report = Json::parse(out_);
    std::string lines;
    for (const Json& decision : report.at("pods").at(0).at("decisions")) {
      lines += decision.at("subject").get<std::string>() + " " + decision.value("name", "-") + " " +
               decision.at("reason").get<std::string>() + "\n";
    }
    return lines;
  }

  ScopedTempDir folder_;
  webhook::ExplainOptions options_;
  std::string out_;
  std::string err_;
  int code_ = -1;
};

TEST_F(Explain, EveryComponentHasItsLine) {
  EXPECT_EQ(Reasons(Pod(std::string(kEnabled) + kInjectComponents) + kComponents),
            "pod - pod/injected\n"
            "pod - pod/caller-not-judged\n"
            "component kafka component/injected\n"
            "component redis component/no-container\n"
            "component secret component/out-of-scope\n");
  EXPECT_EQ(code_, 0);
}

TEST_F(Explain, ComponentsThatAreNotAskedForAreShownToo) {
  EXPECT_THAT(Reasons(Pod(kEnabled) + kComponents),
              HasSubstr("component kafka component/not-asked-for\n"));
  EXPECT_EQ(code_, 0);
}

TEST_F(Explain, ListedContainersHaveTheirLines) {
  EXPECT_THAT(Reasons(Pod(std::string(kEnabled) + "    dapr.io/pluggable-components: app,gone\n")),
              HasSubstr("container app listed/wired\n"));
  EXPECT_THAT(out_, HasSubstr("listed/no-such-container"));
  EXPECT_EQ(code_, 1);
}

TEST_F(Explain, PodThatDidNotOptInIsExplained) {
  EXPECT_EQ(Reasons(Pod("    x: z\n")), "pod - pod/not-enabled\n");
  EXPECT_EQ(code_, 0);
}

TEST_F(Explain, SpellingThatDoesNotCountIsNotGiven) {
  EXPECT_EQ(Reasons(Pod("    dapr.io/enabled: \"yes\"\n")), "pod - pod/enabled-spelling\n");
  EXPECT_EQ(code_, 1);
}

TEST_F(Explain, PodOfAWorkloadIsNotWarnedAboutItsCreator) {
  EXPECT_EQ(Reasons("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n"
                    "  template:\n    metadata:\n      annotations: {dapr.io/enabled: \"true\"}\n"
                    "    spec: {containers: []}\n"),
            "pod - pod/injected\n");
  EXPECT_THAT(out_, HasSubstr("\"appId\": \"db-0\"")) << "its pods do have names";
}

TEST_F(Explain, DeniedPodIsExitOne) {
  EXPECT_EQ(Reasons(Pod(std::string(kEnabled) + "    dapr.io/app-id: Bad_Id\n")),
            "pod - pod/invalid-app-id\n");
  EXPECT_THAT(out_, HasSubstr("\"allowed\": false"));
  EXPECT_EQ(code_, 1);
}

TEST_F(Explain, TableShowsTheTitleOfEachPod) {
  EXPECT_EQ(Run(Pod(kEnabled)), 0);
  EXPECT_THAT(out_, testing::StartsWith("stdin:1: Pod p, namespace default, app id p\n"
                                        "  pod  pod/injected           daprd injected"));
  EXPECT_THAT(out_, Not(HasSubstr("\x1B")));
}

TEST_F(Explain, InputWithoutPodsIsSaid) {
  EXPECT_EQ(Run("apiVersion: v1\nkind: Service\n"), 0);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "the input holds no pod and no pod template\n");
}

TEST_F(Explain, UnreadableInputExitsTwo) {
  EXPECT_EQ(Run("{"), 2);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, testing::StartsWith("stdin:1:"));
}

webhook::Explanation Sample() {
  webhook::Explanation pod{"a.yaml", 3, "Deployment", "web", "shop", "web", true, {}};
  pod.decisions = {
      {patch::Reason::kPodInjected, "", "daprd injected for app id web"},
      {patch::Reason::kListedNoSuchContainer, "x", "the pod has no such container"},
      {patch::Reason::kComponentInjected, "kafka", "evil \x1B[2J text"},
  };
  return pod;
}

TEST(ExplanationTable, ColumnsAlignAndAdviceStandsBelow) {
  EXPECT_EQ(webhook::WriteTable({Sample()}, /*colour=*/false),
            "a.yaml:3: Deployment web, namespace shop, app id web\n"
            "  pod              pod/injected              daprd injected for app id web\n"
            "  container x      listed/no-such-container  the pod has no such container\n"
            "                                             -> correct the name in "
            "dapr.io/pluggable-components\n"
            "  component kafka  component/injected        evil  [2J text\n");
}

TEST(ExplanationTable, ColourFollowsSeverity) {
  const std::string table = webhook::WriteTable({Sample()}, /*colour=*/true);
  EXPECT_THAT(table, HasSubstr("\x1B[32mpod/injected\x1B[0m  "));
  EXPECT_THAT(table, HasSubstr("\x1B[31mlisted/no-such-container\x1B[0m"));
}

}  // namespace
}  // namespace injector::test
