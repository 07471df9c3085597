// Reviews come from anybody who reaches the port, and may be megabytes long: lists in them must not
// cost more than their length, and of what is said of them only the beginning is kept. Each of the
// first takes well below a second, and minutes when a list is searched once for each name of
// another; the program's time limit tells the two apart.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "patch/admission.h"
#include "tests/support/fixed_sources.h"

namespace injector::test {
namespace {

using nlohmann::json;

constexpr int kContainers = 100000;  // a review of 8 MiB has room for twice as many

// "n0<behind>,n1<behind>,...", nearly as long as annotations may be.
std::string Names(const std::string& behind = "") {
  std::string text;
  for (int i = 0; text.size() < 260000; ++i) text += "n" + std::to_string(i) + behind + ",";
  return text;
}

std::string Repeat(int times, const std::string& text) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

// [{"name": "n0"}, ...]
json Named(int count) {
  json list = json::array();
  for (int i = 0; i < count; ++i) list.push_back({{"name", "n" + std::to_string(i)}});
  return list;
}

json PodWith(const std::string& annotation, const std::string& text) {
  return {
      {"metadata",
       {{"name", "orders"}, {"annotations", {{"dapr.io/enabled", "true"}, {annotation, text}}}}},
      {"spec", {{"containers", json::array()}}}};
}

patch::Admission AdmissionOf(const json& pod) {
  const std::string text = pod.dump();
  patch::JsonParser parser;
  FixedSources sources({}, {.trust_anchors = "PEM", .server_minor = 36});
  return AdmitPod({*parser.Parse(text), "shop"}, sources, patch::Settings());
}

patch::Reason VerdictOn(const json& pod) {
  return AdmissionOf(pod).Verdict();
}

TEST(AdmissionCost, NamesOfComponentContainers) {
  EXPECT_EQ(VerdictOn(PodWith("dapr.io/pluggable-components", Names())),
            patch::Reason::kPodInjected);
}

TEST(AdmissionCost, NamesOfComponentContainersThatAreThere) {
  json pod = PodWith("dapr.io/pluggable-components", Names());
  pod["spec"]["containers"] = Named(kContainers);
  EXPECT_EQ(VerdictOn(pod), patch::Reason::kPodInjected);
}

TEST(AdmissionCost, NamesOfRequiredComponents) {
  EXPECT_EQ(VerdictOn(PodWith("component-injector.dapr.io/require", Names())),
            patch::Reason::kPodRequiredMissing);
}

TEST(AdmissionCost, NamesOfInitContainersToComeAfter) {
  json pod = PodWith("component-injector.dapr.io/after", Names());
  pod["metadata"]["annotations"]["component-injector.dapr.io/init-position"] = "first";
  pod["spec"]["initContainers"] = Named(kContainers);
  EXPECT_EQ(VerdictOn(pod), patch::Reason::kPodInjected);
}

TEST(AdmissionCost, VariablesOfDaprd) {
  EXPECT_EQ(VerdictOn(PodWith("dapr.io/env", Names("=1"))), patch::Reason::kPodInjected);
}

TEST(AdmissionCost, VariablesOfDaprdFromSecrets) {
  EXPECT_EQ(VerdictOn(PodWith("dapr.io/env-from-secret", Names("=s:k"))),
            patch::Reason::kPodInjected);
}

TEST(AdmissionCost, MountsOfDaprd) {
  json pod = PodWith("dapr.io/volume-mounts", Names(":/p"));
  pod["spec"]["volumes"] = Named(kContainers);
  EXPECT_EQ(VerdictOn(pod), patch::Reason::kPodInjected);
}

TEST(AdmissionCost, VariableThatIsRepeated) {
  const auto decisions = AdmissionOf(PodWith("dapr.io/env", Repeat(80000, "A=,"))).decisions;
  ASSERT_EQ(decisions.size(), 9U);
  EXPECT_EQ(decisions[7].text, "daprd gets A twice, and the last one counts");
  EXPECT_EQ(decisions[8].text, "and 79992 more in daprd's environment, for the same reason");
}

TEST(AdmissionCost, SecretsThatAreNone) {
  const auto decisions =
      AdmissionOf(PodWith("dapr.io/env-from-secret", Repeat(60000, "A=!,"))).decisions;
  ASSERT_EQ(decisions.size(), 9U);
  EXPECT_EQ(decisions[8].text, "and 59993 more in dapr.io/env-from-secret, for the same reason");
}

TEST(AdmissionCost, MountsThatAreNone) {
  const auto decisions =
      AdmissionOf(PodWith("dapr.io/volume-mounts", Repeat(120000, "v,"))).decisions;
  ASSERT_EQ(decisions.size(), 9U);
  EXPECT_EQ(decisions[8].text, "and 119993 more in dapr.io/volume-mounts, for the same reason");
}

TEST(AdmissionCost, MountsOfVolumesThatAreMissing) {
  const auto decisions =
      AdmissionOf(PodWith("dapr.io/volume-mounts-rw", Repeat(50000, "v:/p,"))).decisions;
  ASSERT_EQ(decisions.size(), 9U);
  EXPECT_EQ(decisions[8].text,
            "and 49993 more in dapr.io/volume-mounts and -rw, for the same reason");
}

TEST(AdmissionCost, NamesOfComponentContainersThatAreMissing) {
  const auto decisions = AdmissionOf(PodWith("dapr.io/pluggable-components", Names())).decisions;
  ASSERT_EQ(decisions.size(), 9U);
  EXPECT_EQ(decisions[8].reason, patch::Reason::kListedNoSuchContainer);
}

TEST(AdmissionCost, NamesToComeAfterThatAreMissing) {
  const auto decisions =
      AdmissionOf(PodWith("component-injector.dapr.io/after", Names())).decisions;
  ASSERT_EQ(decisions.size(), 9U);
  EXPECT_EQ(decisions[8].reason, patch::Reason::kAnnotationInvalidValue);
}

TEST(AdmissionCost, AnnotationsThatAreMisspelt) {
  json pod = PodWith("dapr.io/app-port", "80");
  for (int i = 0; i < 5000; ++i) {
    pod["metadata"]["annotations"]["component-injector.dapr.io/" + std::to_string(i)] = "";
  }
  const auto decisions = AdmissionOf(pod).decisions;
  ASSERT_EQ(decisions.size(), 9U);
  EXPECT_EQ(decisions[8].text, "and 4993 more in the annotations, for the same reason");
}

TEST(AdmissionCost, ContainersWhosePathIsTaken) {
  json pod = PodWith("dapr.io/unix-domain-socket-path", "/p");
  for (int i = 0; i < 1000; ++i) {
    pod["spec"]["containers"].push_back({{"name", "n" + std::to_string(i)},
                                         {"volumeMounts", {{{"name", "v"}, {"mountPath", "/p"}}}}});
  }
  const auto decisions = AdmissionOf(pod).decisions;
  ASSERT_EQ(decisions.size(), 9U);
  EXPECT_EQ(decisions[8].text, "and 993 more in the pod's containers, for the same reason");
}

}  // namespace
}  // namespace injector::test
