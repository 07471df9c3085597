#include "patch/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/component_builder.h"
#include "tests/support/decision_names.h"

namespace injector::test {
namespace {

using nlohmann::json;
using patch::Admission;
using patch::ComponentList;
using patch::Reason;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Answers from members, and counts how often it was asked.
class FakeSources : public patch::AdmissionSources {
 public:
  bool CallerAllowed() override {
    ++asked_about_caller;
    return caller_allowed;
  }
  patch::Result<patch::ComponentLook> Components(
      const std::vector<std::string>& required) override {
    ++asked_for_components;
    last_required = required;
    if (fails) return patch::Fail(patch::ErrorKind::kMalformedObject, "", "403 Forbidden");
    return patch::ComponentLook{std::make_shared<const ComponentList>(components), doubt};
  }
  std::shared_ptr<const patch::Surroundings> CurrentSurroundings() override {
    ++asked_for_surroundings;
    return std::make_shared<const patch::Surroundings>(surroundings);
  }

  bool caller_allowed = true;
  bool fails = false;
  std::string doubt;
  ComponentList components;
  patch::Surroundings surroundings{.trust_anchors = "<PEM>", .server_minor = 36};
  int asked_about_caller = 0;
  int asked_for_components = 0;
  int asked_for_surroundings = 0;
  std::vector<std::string> last_required;
};

class AdmitPod : public testing::Test {
 protected:
  AdmitPod() {
    settings_.control_plane_namespace = "dapr-system";
    settings_.sidecar_image = "r/daprd:1";
    settings_.wait_image = "r/component-injector:1";
  }

  // Admits a pod with these annotations and one container "orders".
  Admission Admit(const char* annotations) {
    return AdmitText(std::string(R"({"metadata": {"name": "orders-0", "annotations": )") +
                     annotations + R"(}, "spec": {"containers": [{"name": "orders"}]}})");
  }

  Admission AdmitText(std::string pod) {
    text_ = std::move(pod);
    request_.pod = parser_.Parse(text_).value();
    request_.pod_namespace = "shop";
    return patch::AdmitPod(request_, sources_, settings_);
  }

  std::string text_;
  patch::JsonParser parser_;
  patch::AdmissionRequest request_;
  FakeSources sources_;
  patch::Settings settings_;
};

constexpr const char* kEnabled = R"({"dapr.io/enabled": "true", "dapr.io/app-id": "orders"})";
constexpr const char* kAsking = R"({"dapr.io/enabled": "true", "dapr.io/app-id": "orders",
                                    "dapr.io/inject-pluggable-components": "true"})";

TEST_F(AdmitPod, PodThatDidNotOptInIsJudgedWithoutAskingAnybody) {
  const Admission admission = Admit(R"({"dapr.io/enabled": "false"})");
  EXPECT_TRUE(admission.allowed);
  EXPECT_FALSE(admission.opted_in);
  EXPECT_EQ(admission.Verdict(), Reason::kPodNotEnabled);
  EXPECT_EQ(sources_.asked_about_caller, 0);
  EXPECT_EQ(sources_.asked_for_surroundings, 0);
}

TEST_F(AdmitPod, SpecOfAPodThatDidNotOptInIsNotRead) {
  EXPECT_EQ(AdmitText(R"({"metadata": {}, "spec": 5})").Verdict(), Reason::kPodNotEnabled);
}

TEST_F(AdmitPod, CallerIsAskedOnlyOnceThePodOptedIn) {
  sources_.caller_allowed = false;
  const Admission admission = Admit(kEnabled);
  EXPECT_TRUE(admission.allowed);
  EXPECT_TRUE(admission.opted_in);
  EXPECT_EQ(admission.patch, "");
  EXPECT_EQ(admission.Verdict(), Reason::kPodCallerNotAllowed);
  EXPECT_EQ(sources_.asked_for_surroundings, 0);
}

TEST_F(AdmitPod, SecondReviewOfAnInjectedPodLooksNothingUp) {
  const Admission admission = AdmitText(
      R"({"metadata": {"annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": "Bad",
                                       "dapr.io/inject-pluggable-components": "true"}},
          "spec": {"containers": [{"name": "orders"}, {"name": "daprd"}]}})");
  EXPECT_EQ(admission.Verdict(), Reason::kPodAlreadyInjected);
  EXPECT_EQ(sources_.asked_for_components, 0);
  EXPECT_EQ(sources_.asked_for_surroundings, 0);
}

TEST_F(AdmitPod, EphemeralContainerNamedDaprdDoesNotCount) {
  EXPECT_EQ(AdmitText(R"({"metadata": {"annotations": {"dapr.io/enabled": "true",
                                                       "dapr.io/app-id": "orders"}},
                          "spec": {"containers": [{"name": "orders"}],
                                   "ephemeralContainers": [{"name": "daprd"}]}})")
                .Verdict(),
            Reason::kPodInjected);
}

TEST_F(AdmitPod, ComponentsAreLookedUpOnlyWhenAskedFor) {
  EXPECT_EQ(Admit(kEnabled).Verdict(), Reason::kPodInjected);
  EXPECT_EQ(sources_.asked_for_components, 0);
  EXPECT_EQ(Admit(kAsking).Verdict(), Reason::kPodInjected);
  EXPECT_EQ(sources_.asked_for_components, 1);
  EXPECT_THAT(sources_.last_required, IsEmpty());
}

TEST_F(AdmitPod, SourceIsToldWhatIsRequired) {
  sources_.components = {MakeComponent({.name = "a"}), MakeComponent({.name = "b"})};
  Admit(R"({"dapr.io/enabled": "true", "component-injector.dapr.io/require": " b, a ,"})");
  EXPECT_THAT(sources_.last_required, ElementsAre("b", "a"));
}

TEST_F(AdmitPod, FailedLookUpDeniesWithItsCause) {
  sources_.fails = true;
  const Admission admission = Admit(kAsking);
  EXPECT_FALSE(admission.allowed);
  EXPECT_EQ(admission.message, "error when fetching components: 403 Forbidden");
  EXPECT_EQ(admission.patch, "");
  EXPECT_THAT(NamesOf(admission.decisions), ElementsAre("pod/components-unavailable"));
}

TEST_F(AdmitPod, ComponentsThatMayBeOutOfDateAreInjectedWithAWarning) {
  sources_.doubt = "connection refused";
  const Admission admission = Admit(kAsking);
  EXPECT_TRUE(admission.allowed);
  EXPECT_THAT(NamesOf(admission.decisions), ElementsAre("pod/injected", "pod/components-doubtful"));
  EXPECT_EQ(admission.decisions.back().text,
            "its components may be out of date, the API server did not answer: connection refused");
}

TEST_F(AdmitPod, AppIdIsTheNameWhenAbsentOrEmpty) {
  EXPECT_EQ(Admit(R"({"dapr.io/enabled": "true"})").app_id, "orders-0");
  EXPECT_EQ(Admit(R"({"dapr.io/enabled": "true", "dapr.io/app-id": ""})").app_id, "orders-0");
}

TEST_F(AdmitPod, InvalidAppIdIsReportedAsItIs) {
  const Admission admission = Admit(R"({"dapr.io/enabled": "true", "dapr.io/app-id": "a_b"})");
  EXPECT_FALSE(admission.allowed);
  EXPECT_EQ(admission.app_id, "a_b");
  EXPECT_THAT(admission.message, HasSubstr("(input: 'a_b', service: 'a_b-dapr')"));
}

TEST_F(AdmitPod, AppIdComesBeforeTrustAnchors) {
  sources_.surroundings.trust_anchors.clear();
  EXPECT_EQ(Admit(R"({"dapr.io/enabled": "true", "dapr.io/app-id": "a_b"})").Verdict(),
            Reason::kPodInvalidAppId);
  EXPECT_EQ(Admit(kAsking).Verdict(), Reason::kPodTrustAnchorsMissing);
  EXPECT_EQ(sources_.asked_for_components, 0);
}

TEST_F(AdmitPod, MalformedPodNamesThePath) {
  const Admission admission =
      AdmitText(R"({"metadata": {"annotations": {"dapr.io/enabled": "true"}},
                    "spec": {"containers": [{"name": "orders", "ports": [{"hostPort": "x"}]}]}})");
  EXPECT_FALSE(admission.allowed);
  EXPECT_THAT(admission.message, HasSubstr("could not unmarshal raw object: "
                                           "/spec/containers/0/ports/0/hostPort"));
}

TEST_F(AdmitPod, MalformedPodOfSomeoneNotAllowedPasses) {
  sources_.caller_allowed = false;
  const Admission admission = AdmitText(R"({"metadata": {"annotations": []}})");
  EXPECT_TRUE(admission.allowed);
  EXPECT_EQ(admission.Verdict(), Reason::kPodCallerNotAllowed);
}

TEST_F(AdmitPod, StatusGoesIntoTheAuditLogEvenWhereTheAnnotationIsOff) {
  settings_.status_annotation = patch::StatusAnnotation::kOff;
  sources_.components = {MakeComponent({.name = "a", .container = R"({"image": "r/a:1"})"})};
  const Admission admission = Admit(kAsking);
  EXPECT_EQ(admission.status,
            R"({"injected":[{"component":"a","container":"a"}],"skipped":[],"outOfScope":0})");
  EXPECT_THAT(admission.patch, Not(HasSubstr("component-injector.dapr.io~1status")));
}

// The last operation of the patch.
json LastOperation(const Admission& admission) {
  return json::parse(admission.patch).back();
}

TEST_F(AdmitPod, StatusIsTheLastOperation) {
  EXPECT_EQ(LastOperation(Admit(kAsking))["path"],
            "/metadata/annotations/component-injector.dapr.io~1status");
}

// Admits a pod that asks for components and whose annotations have `bytes` bytes in all.
class AdmitPodOfSize : public AdmitPod {
 protected:
  Admission AdmitOfSize(std::size_t bytes) {
    json annotations = json::parse(kAsking);
    std::size_t used = std::string("filler").size();
    for (const auto& [key, value] : annotations.items()) {
      used += key.size() + value.get<std::string>().size();
    }
    annotations["filler"] = std::string(bytes - used, 'x');
    return Admit(annotations.dump().c_str());
  }
};

TEST_F(AdmitPodOfSize, StatusIsShortenedToTheServersLimit) {
  for (int i = 10; i < 30; ++i) {
    sources_.components.push_back(
        MakeComponent({.name = "component-" + std::to_string(i), .container = "null"}));
  }
  constexpr std::size_t kKeyBytes = 33;
  const json last = LastOperation(AdmitOfSize(262'144 - kKeyBytes - 200));
  ASSERT_EQ(last["path"], "/metadata/annotations/component-injector.dapr.io~1status");
  const std::string status = last["value"];
  EXPECT_LE(status.size(), 200U);
  EXPECT_TRUE(json::parse(status)["truncated"].get<bool>());
}

TEST_F(AdmitPodOfSize, StatusIsLeftOutWhenNothingOfItFits) {
  const Admission admission = AdmitOfSize(262'144);
  EXPECT_NE(admission.patch, "");
  EXPECT_EQ(admission.patch.find("component-injector.dapr.io~1status"), std::string::npos);
  EXPECT_NE(admission.status, "");
}

TEST_F(AdmitPodOfSize, StatusOfASkippedPodIsLeftOutToo) {
  settings_.status_annotation = patch::StatusAnnotation::kAll;
  sources_.caller_allowed = false;
  EXPECT_EQ(AdmitOfSize(262'144).patch, "");
  EXPECT_NE(AdmitOfSize(1000).patch, "");
}

TEST_F(AdmitPodOfSize, AnnotationsBeyondTheServersLimitAreRefusedUnread) {
  EXPECT_EQ(AdmitOfSize(262'144).Verdict(), Reason::kPodInjected);
  sources_.asked_for_components = 0;
  const Admission admission = AdmitOfSize(262'145);
  EXPECT_FALSE(admission.allowed);
  EXPECT_EQ(admission.Verdict(), Reason::kPodMalformed);
  EXPECT_EQ(admission.message,
            "the pod's annotations are too long: the API server takes 262144 bytes of keys and "
            "values together, these have 262145");
  EXPECT_EQ(sources_.asked_for_components, 0);
}

TEST_F(AdmitPod, OwnerOfATemplateIsTheCallersWord) {
  request_.owner_kind = "CronJob";
  EXPECT_THAT(NamesOf(Admit(kEnabled).decisions), Contains("pod/job-will-not-end"));
}

TEST_F(AdmitPod, UnaskedComponentsAreShownWithoutBeingInjected) {
  request_.show_unasked_components = true;
  sources_.components = {MakeComponent({.name = "a", .container = R"({"image": "r/a:1"})"})};
  const Admission shown = Admit(kEnabled);
  EXPECT_THAT(NamesOf(shown.decisions), ElementsAre("pod/injected", "component/not-asked-for a"));
  request_.show_unasked_components = false;
  EXPECT_EQ(shown.patch, Admit(kEnabled).patch);
}

TEST_F(AdmitPod, PlaceholderForTrustAnchorsIsSaid) {
  sources_.surroundings.trust_anchors_placeholder = true;
  EXPECT_THAT(NamesOf(Admit(kEnabled).decisions),
              ElementsAre("pod/injected", "pod/trust-anchors-placeholder"));
}

TEST_F(AdmitPod, RequiredComponentsAreJudgedInTheOrderGiven) {
  sources_.components = {MakeComponent({.name = "a", .container = "null"})};
  const Admission admission =
      Admit(R"({"dapr.io/enabled": "true", "component-injector.dapr.io/require": "z,a"})");
  EXPECT_FALSE(admission.allowed);
  EXPECT_EQ(admission.message, "required component z is not available: namespace shop has none");
  EXPECT_THAT(NamesOf(admission.decisions), ElementsAre("pod/required-missing"));
}

}  // namespace
}  // namespace injector::test
