// Reviews come from anybody who reaches the port, and may be megabytes long: lists in them must not
// cost more than their length. Each of these takes well below a second, and minutes when a list is
// searched once for each name of another; the program's time limit tells the two apart.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "patch/admission.h"
#include "tests/support/fixed_sources.h"

namespace injector::test {
namespace {

using nlohmann::json;

constexpr int kNames = 100000;  // a review of 8 MiB has room for ten times as many

// "n0<behind>,n1<behind>,..."
std::string Names(int count, const std::string& behind = "") {
  std::string text;
  for (int i = 0; i < count; ++i) text += "n" + std::to_string(i) + behind + ",";
  text.pop_back();
  return text;
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

patch::Reason VerdictOn(const json& pod) {
  const std::string text = pod.dump();
  patch::JsonParser parser;
  FixedSources sources({}, {.trust_anchors = "PEM", .server_minor = 36});
  return AdmitPod({*parser.Parse(text), "shop"}, sources, patch::Settings()).Verdict();
}

TEST(AdmissionCost, NamesOfComponentContainers) {
  EXPECT_EQ(VerdictOn(PodWith("dapr.io/pluggable-components", Names(kNames))),
            patch::Reason::kPodInjected);
}

TEST(AdmissionCost, NamesOfComponentContainersThatAreThere) {
  json pod = PodWith("dapr.io/pluggable-components", Names(kNames / 2));
  pod["spec"]["containers"] = Named(kNames / 2);
  EXPECT_EQ(VerdictOn(pod), patch::Reason::kPodInjected);
}

TEST(AdmissionCost, NamesOfRequiredComponents) {
  EXPECT_EQ(VerdictOn(PodWith("component-injector.dapr.io/require", Names(kNames))),
            patch::Reason::kPodRequiredMissing);
}

TEST(AdmissionCost, NamesOfInitContainersToComeAfter) {
  json pod = PodWith("component-injector.dapr.io/after", Names(kNames / 2));
  pod["metadata"]["annotations"]["component-injector.dapr.io/init-position"] = "first";
  pod["spec"]["initContainers"] = Named(kNames / 2);
  EXPECT_EQ(VerdictOn(pod), patch::Reason::kPodInjected);
}

TEST(AdmissionCost, VariablesOfDaprd) {
  EXPECT_EQ(VerdictOn(PodWith("dapr.io/env", Names(kNames, "=1"))), patch::Reason::kPodInjected);
}

TEST(AdmissionCost, VariablesOfDaprdFromSecrets) {
  EXPECT_EQ(VerdictOn(PodWith("dapr.io/env-from-secret", Names(kNames, "=s:k"))),
            patch::Reason::kPodInjected);
}

TEST(AdmissionCost, MountsOfDaprd) {
  json pod = PodWith("dapr.io/volume-mounts", Names(kNames / 2, ":/p"));
  pod["spec"]["volumes"] = Named(kNames / 2);
  EXPECT_EQ(VerdictOn(pod), patch::Reason::kPodInjected);
}

}  // namespace
}  // namespace injector::test
