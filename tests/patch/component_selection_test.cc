#include "patch/component_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/component_builder.h"
#include "tests/support/decision_names.h"
#include "tests/support/parsed_pod.h"

namespace injector::test {
namespace {

using patch::ComponentList;
using patch::Decisions;
using patch::Selection;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kPod = R"({"spec": {"containers": [{"name": "orders"}],
                                          "resourceClaims": [{"name": "gpu"}]}})";

// Selects for app "orders" in one pod and keeps what was decided.
class SelectComponents : public testing::Test {
 protected:
  Selection Select(const std::vector<ComponentParts>& parts, bool sidecars = true,
                   const char* pod = kPod) {
    components_.clear();
    for (const ComponentParts& one : parts) components_.push_back(MakeComponent(one));
    pod_ = std::make_unique<ParsedPod>(pod);
    patch::ContainerNames names(pod_->View());
    patch::HostPorts ports(pod_->View());
    decisions_.clear();
    return patch::SelectComponents(
        {components_, "orders", pod_->View(), sidecars, "/tmp/dapr-components-sockets"}, names,
        ports, decisions_);
  }

  ComponentList components_;
  std::unique_ptr<ParsedPod> pod_;
  Decisions decisions_;
};

TEST_F(SelectComponents, ValidOneInScopeIsChosen) {
  const auto selection =
      Select({{.name = "ledger", .container = R"({"image": "r/a:1"})", .scopes = {"orders"}}});
  ASSERT_THAT(selection.chosen, SizeIs(1));
  EXPECT_EQ(selection.chosen[0].component, components_[0].get());
  EXPECT_EQ(selection.chosen[0].container_name, "ledger");
  EXPECT_TRUE(selection.chosen[0].sidecar);
  EXPECT_TRUE(selection.chosen[0].socket_shared);
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected ledger"));
}

TEST_F(SelectComponents, ChecksComeInOrder) {
  Select({{.name = "a", .container = "", .scopes = {"billing"}},
          {.name = "b", .container = "null", .scopes = {"billing"}},
          {.name = "c", .container = "null"},
          {.name = "d", .container = R"({"image": ""})"}});
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/no-container a", "component/out-of-scope b",
                          "component/invalid-container c", "component/no-image d"));
}

TEST_F(SelectComponents, MalformedComponentIsSkippedBeforeAllElse) {
  auto broken = std::make_shared<patch::Component>();
  broken->name = "broken";
  broken->fault = patch::Error{patch::ErrorKind::kMalformedObject, "/scopes", "expected array"};
  const ParsedPod pod(kPod);
  EXPECT_EQ(patch::FaultOf(*broken, pod.View(), "orders")->reason,
            patch::Reason::kComponentMalformed);
}

TEST_F(SelectComponents, GoodComponentWithoutContainerHasNoFault) {
  const ParsedPod pod(kPod);
  EXPECT_FALSE(patch::FaultOf(*MakeComponent({.name = "a"}), pod.View(), "orders"));
}

TEST_F(SelectComponents, EqualContainerOfOneImageIsServed) {
  const auto selection =
      Select({{.name = "a", .container = R"({"image": "r/a:1", "tty": false})"},
              {.name = "b", .container = R"({"tty": false, "image": "r/a:1"})"}});
  EXPECT_THAT(selection.chosen, SizeIs(1));
  ASSERT_THAT(selection.merged, SizeIs(1));
  EXPECT_EQ(selection.merged[0].component, components_[1].get());
  EXPECT_EQ(selection.merged[0].holder, 0U);
  EXPECT_FALSE(selection.merged[0].differs);
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/image-shared-with b"));
}

TEST_F(SelectComponents, OtherContainerOfOneImageIsAConflict) {
  const auto selection =
      Select({{.name = "a", .container = R"({"image": "r/a:1", "args": ["x"]})"},
              {.name = "b", .container = R"({"image": "r/a:1", "args": ["y"]})"}});
  ASSERT_THAT(selection.merged, SizeIs(1));
  EXPECT_TRUE(selection.merged[0].differs);
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/image-conflict b"));
}

TEST_F(SelectComponents, NamesDifferOnlyIfBothAreGiven) {
  Select({{.name = "a", .container = R"({"image": "r/a:1", "name": "one"})"},
          {.name = "b", .container = R"({"image": "r/a:1"})"},
          {.name = "c", .container = R"({"image": "r/a:1", "name": "two"})"}});
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/image-shared-with b",
                          "component/image-conflict c"));
}

TEST_F(SelectComponents, ImageIsComparedAsText) {
  EXPECT_THAT(Select({{.name = "a", .container = R"({"image": "r/a"})"},
                      {.name = "b", .container = R"({"image": "r/a:latest"})"}})
                  .chosen,
              SizeIs(2));
}

TEST_F(SelectComponents, WhatIsSkippedTakesNoImage) {
  EXPECT_THAT(Select({{.name = "a", .container = R"({"image": "r/a:1"})", .scopes = {"billing"}},
                      {.name = "b", .container = R"({"image": "r/a:1", "stdin": 5})"},
                      {.name = "c", .container = R"({"image": "r/a:1"})"}})
                  .chosen,
              SizeIs(1));
}

TEST_F(SelectComponents, PlacementOfThePodIsTheDefault) {
  EXPECT_FALSE(Select({{.name = "a", .container = R"({"image": "r/a:1"})"}}, /*sidecars=*/false)
                   .chosen[0]
                   .sidecar);
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected a"));
}

TEST_F(SelectComponents, PlacementContainerIsSaidAmongSidecarsOnly) {
  const ComponentParts parts = {
      .name = "a", .container = R"({"image": "r/a:1"})", .placement = "container"};
  EXPECT_FALSE(Select({parts}).chosen[0].sidecar);
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/placement-container a"));
  Select({parts}, /*sidecars=*/false);
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected a"));
}

TEST_F(SelectComponents, NameThatIsTakenIsSaid) {
  const auto selection =
      Select({{.name = "a", .container = R"({"image": "r/a:1", "name": "orders"})"}});
  EXPECT_EQ(selection.chosen[0].container_name, "orders-2");
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected a", "component/renamed a"));
}

TEST_F(SelectComponents, ComponentsNameMadeALabelIsNotWorthAWord) {
  const auto selection = Select({{.name = "acme.ledger", .container = R"({"image": "r/a:1"})"}});
  EXPECT_EQ(selection.chosen[0].container_name, "acme-ledger");
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected acme.ledger"));
}

TEST_F(SelectComponents, PortOfTheNodeGoesToTheFirst) {
  const auto selection = Select(
      {{.name = "a",
        .container = R"({"image": "r/a:1", "ports": [{"containerPort": 1, "hostPort": 9000}]})"},
       {.name = "b",
        .container = R"({"image": "r/b:1", "ports": [{"containerPort": 2, "hostPort": 9000}]})"},
       {.name = "c", .container = R"({"image": "r/b:1"})"}});
  EXPECT_THAT(selection.chosen, SizeIs(2));
  EXPECT_THAT(
      NamesOf(decisions_),
      ElementsAre("component/injected a", "component/invalid-container b", "component/injected c"));
  EXPECT_THAT(decisions_[1].text, HasSubstr("/ports/0"));
}

TEST_F(SelectComponents, ClaimMustBeThePods) {
  Select({{.name = "a",
           .container = R"({"image": "r/a:1", "resources": {"claims": [{"name": "gpu"}]}})"},
          {.name = "b",
           .container = R"({"image": "r/b:1", "resources": {"claims": [{"name": "fpga"}]}})"}});
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/invalid-container b"));
}

TEST_F(SelectComponents, WindowsOptionsDoNotFitAPodForLinux) {
  const ComponentParts parts = {
      .name = "a", .container = R"({"image": "r/a:1", "securityContext": {"windowsOptions": {}}})"};
  Select({parts}, true, R"({"spec": {"containers": [], "os": {"name": "linux"}}})");
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/invalid-container a"));
  Select({parts});
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected a"));
}

TEST_F(SelectComponents, AmountsDoNotFitAPodThatBoundsTheSum) {
  constexpr const char* kBounded =
      R"({"spec": {"containers": [], "resources": {"limits": {"cpu": "1"}}}})";
  const ComponentParts parts = {
      .name = "a",
      .container = R"({"image": "r/a:1", "resources": {"requests": {"cpu": "100m"}}})"};
  Select({parts}, true, kBounded);
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/invalid-container a"));
  EXPECT_THAT(decisions_[0].text, HasSubstr("/resources"));
  Select({parts});
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected a"));
  Select({{.name = "b", .container = R"({"image": "r/b:1", "resources": {"limits": {}}})"}}, true,
         kBounded);
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected b"));
}

TEST_F(SelectComponents, PodForWindowsTakesNone) {
  const auto selection = Select({{.name = "a", .container = R"({"image": "r/a:1"})"},
                                 {.name = "b", .container = "null"},
                                 {.name = "c"}},
                                true, R"({"spec": {"containers": [], "os": {"name": "windows"}}})");
  EXPECT_THAT(selection.chosen, IsEmpty());
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/windows a", "component/windows b",
                                               "component/no-container c"));
}

TEST_F(SelectComponents, RestartPolicyThatChangesIsSaid) {
  const std::vector<ComponentParts> parts = {
      {.name = "a", .container = R"({"image": "r/a:1", "restartPolicy": "Always"})"},
      {.name = "b", .container = R"({"image": "r/b:1", "restartPolicy": "Never"})"},
      {.name = "c", .container = R"({"image": "r/c:1"})"}};
  Select(parts);
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/injected b",
                          "component/restart-policy-replaced b", "component/injected c"));
  Select(parts, /*sidecars=*/false);
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/restart-policy-replaced a",
                          "component/injected b", "component/restart-policy-replaced b",
                          "component/injected c"));
}

TEST_F(SelectComponents, OtherVolumeAtTheSocketFolderIsSaid) {
  const auto selection = Select({{.name = "a", .container = R"({"image": "r/a:1", "volumeMounts": [
          {"name": "own", "mountPath": "/tmp/./dapr-components-sockets/"}]})"}});
  EXPECT_FALSE(selection.chosen[0].socket_shared);
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/socket-path-taken a"));
}

TEST_F(SelectComponents, SocketVolumeItselfIsShared) {
  EXPECT_TRUE(Select({{.name = "a", .container = R"({"image": "r/a:1", "volumeMounts": [
          {"name": "dapr-components-unix-domain-socket", "mountPath": "/elsewhere"}]})"}})
                  .chosen[0]
                  .socket_shared);
}

TEST_F(SelectComponents, AnnotationsOfOursThatMeanNothingAreSaidOnceItCounts) {
  Select({{.name = "a", .container = R"({"image": "r/a:1"})", .wait = "no"},
          {.name = "b", .container = R"({"image": "r/a:1"})", .placement = "x"},
          {.name = "c", .container = "null", .wait = "no"}});
  EXPECT_THAT(NamesOf(decisions_),
              ElementsAre("component/injected a", "component/invalid-annotation a",
                          "component/image-shared-with b", "component/invalid-annotation b",
                          "component/invalid-container c"));
}

TEST_F(SelectComponents, EachUnknownFieldIsSaid) {
  Select({{.name = "a", .container = R"({"image": "r/a:1", "Args": [], "resources": {"x": 1}})"}});
  EXPECT_THAT(NamesOf(decisions_), ElementsAre("component/injected a", "component/unknown-field a",
                                               "component/unknown-field a"));
}

}  // namespace
}  // namespace injector::test
