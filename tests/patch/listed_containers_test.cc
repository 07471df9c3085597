#include "patch/listed_containers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/decision_names.h"
#include "tests/support/parsed_pod.h"

namespace injector::test {
namespace {

using patch::Decisions;
using patch::FindListed;
using patch::ListedContainers;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPod = R"({"spec": {
  "containers": [{"name": "orders"}, {"name": "store"}, {"name": "broker"}],
  "initContainers": [{"name": "migrate"}, {"name": "cache", "restartPolicy": "Always"}]}})";

std::vector<std::string> Places(const ListedContainers& listed) {
  std::vector<std::string> places;
  for (const auto at : listed.wired) {
    places.push_back((at.init ? "init " : "container ") + std::to_string(at.index));
  }
  return places;
}

TEST(FindListed, VerdictsFollowTheAnnotationAndPlacesThePod) {
  const ParsedPod pod(kPod);
  Decisions decisions;
  const auto listed = FindListed(pod.View(), {"broker", "cache", "store"}, decisions);
  EXPECT_THAT(Places(listed), ElementsAre("init 1", "container 1", "container 2"));
  EXPECT_THAT(NamesOf(decisions),
              ElementsAre("listed/wired broker", "listed/starts-late broker", "listed/wired cache",
                          "listed/wired store", "listed/starts-late store"));
}

TEST(FindListed, UnknownNameIsSaid) {
  const ParsedPod pod(kPod);
  Decisions decisions;
  EXPECT_THAT(FindListed(pod.View(), {"brokre"}, decisions).wired, IsEmpty());
  EXPECT_THAT(NamesOf(decisions), ElementsAre("listed/no-such-container brokre"));
}

TEST(FindListed, InitContainerThatEndsIsNotWired) {
  const ParsedPod pod(kPod);
  Decisions decisions;
  EXPECT_THAT(FindListed(pod.View(), {"migrate"}, decisions).wired, IsEmpty());
  EXPECT_THAT(NamesOf(decisions), ElementsAre("listed/not-a-sidecar migrate"));
}

TEST(FindListed, PodForWindowsHasNothingWired) {
  const ParsedPod pod(
      R"({"spec": {"os": {"name": "windows"}, "containers": [{"name": "store"}]}})");
  Decisions decisions;
  EXPECT_THAT(FindListed(pod.View(), {"store"}, decisions).wired, IsEmpty());
  EXPECT_THAT(NamesOf(decisions), ElementsAre("listed/windows store"));
}

TEST(FindListed, NoNamesNoDecisions) {
  const ParsedPod pod(kPod);
  Decisions decisions;
  EXPECT_THAT(FindListed(pod.View(), {}, decisions).wired, IsEmpty());
  EXPECT_THAT(decisions, IsEmpty());
}

TEST(ListedContainers, HasTellsInitFromOrdinary) {
  const ListedContainers listed{{{true, 1}}};
  EXPECT_TRUE(listed.Has({true, 1}));
  EXPECT_FALSE(listed.Has({false, 1}));
  EXPECT_FALSE(listed.Has({true, 0}));
}

// The operations on /spec/containers/0 of a pod with this one container.
std::string Wire(const std::string& container, Decisions& decisions) {
  const ParsedPod pod(R"({"spec": {"containers": [)" + container + "]}}");
  patch::PodEditor editor(pod.View());
  patch::BoundedRemarks remarks(decisions);
  patch::WireListed(editor, {false, 0}, "/run/sockets", remarks);
  return std::move(editor).Finish();
}

TEST(WireListed, BareContainerGetsListsOfItsOwn) {
  Decisions decisions;
  EXPECT_EQ(Wire(R"({"name": "store"})", decisions),
            R"([{"op":"add","path":"/spec/containers/0/env","value":[)"
            R"({"name":"DAPR_COMPONENT_SOCKETS_FOLDER","value":"/run/sockets"},)"
            R"({"name":"DAPR_COMPONENTS_SOCKETS_FOLDER","value":"/run/sockets"}]},)"
            R"({"op":"add","path":"/spec/containers/0/volumeMounts","value":[)"
            R"({"name":"dapr-components-unix-domain-socket","mountPath":"/run/sockets"}]}])");
  EXPECT_THAT(decisions, IsEmpty());
}

TEST(WireListed, OnlyTheAbsentVariableIsAppended) {
  Decisions decisions;
  EXPECT_EQ(Wire(R"({"name": "store", "env": [{"name": "DAPR_COMPONENT_SOCKETS_FOLDER"}],
                     "volumeMounts": [{"name": "data", "mountPath": "/data"}]})",
                 decisions),
            R"([{"op":"add","path":"/spec/containers/0/env/-","value":)"
            R"({"name":"DAPR_COMPONENTS_SOCKETS_FOLDER","value":"/run/sockets"}},)"
            R"({"op":"add","path":"/spec/containers/0/volumeMounts/-","value":)"
            R"({"name":"dapr-components-unix-domain-socket","mountPath":"/run/sockets"}}])");
}

constexpr const char* kBothVariables =
    R"("env": [{"name": "DAPR_COMPONENT_SOCKETS_FOLDER"},
               {"name": "DAPR_COMPONENTS_SOCKETS_FOLDER"}])";

TEST(WireListed, VolumeMountedElsewhereIsEnough) {
  Decisions decisions;
  EXPECT_EQ(Wire(std::string(R"({"name": "store", )") + kBothVariables +
                     R"(, "volumeMounts": [{"name": "dapr-components-unix-domain-socket",
                                            "mountPath": "/elsewhere"}]})",
                 decisions),
            "");
  EXPECT_THAT(decisions, IsEmpty());
}

TEST(WireListed, PathTakenHoweverSpelledIsSaid) {
  Decisions decisions;
  EXPECT_EQ(Wire(std::string(R"({"name": "store", )") + kBothVariables +
                     R"(, "volumeMounts": [{"name": "own", "mountPath": "/run//sockets/"}]})",
                 decisions),
            "");
  EXPECT_THAT(NamesOf(decisions), ElementsAre("listed/path-taken store"));
}

}  // namespace
}  // namespace injector::test
