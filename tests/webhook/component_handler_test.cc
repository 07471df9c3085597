#include "webhook/component_handler.h"

#include <gmock/gmock.h>

#include "tests/support/recording_recorder.h"

namespace injector::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using webhook::ComponentValidation;

constexpr std::string_view kGood = R"({"metadata":{"name":"kafka","namespace":"shop",)"
                                   R"("annotations":{"dapr.io/component-container":)"
                                   R"("{\"name\":\"kafka\",\"image\":\"kafka:1\"}"}},)"
                                   R"("spec":{"type":"pubsub.kafka","version":"v1"}})";
constexpr std::string_view kNoImage = R"({"metadata":{"name":"kafka","namespace":"shop",)"
                                      R"("annotations":{"dapr.io/component-container":)"
                                      R"("{\"name\":\"kafka\"}"}},)"
                                      R"("spec":{"type":"pubsub.kafka","version":"v1"}})";

class ComponentHandlerTest : public ::testing::Test {
 protected:
  webhook::HttpReply Send(std::string_view body, std::string_view method = "POST",
                          std::string_view content_type = "application/json") {
    webhook::ComponentHandler handler(validation_, recorder_, log_);
    return handler.Handle({.method = method,
                           .path = "/validate-component",
                           .content_type = content_type,
                           .content_encoding = "",
                           .body = body,
                           .deadline = {}});
  }
  // The answer's JSON behind `"uid":"u-1",`.
  std::string AnswerTo(std::string_view object) {
    constexpr std::string_view kHead =
        R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"u-1",)";
    const webhook::HttpReply reply = Send(ReviewOf(object));
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body.starts_with(kHead)) << reply.body;
    return reply.body.substr(std::min(kHead.size(), reply.body.size()));
  }
  std::string ReviewOf(std::string_view object) const {
    return R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",)"
           R"("kind":{"group":")" +
           group_ + R"(","version":"v1alpha1","kind":")" + kind_ +
           R"("},"namespace":"shop","operation":")" + operation_ +
           R"(","userInfo":{"username":"alice"},"object":)" + std::string(object) +
           R"(,"oldObject":)" + old_object_ + "}}";
  }

  std::string group_ = "dapr.io";
  std::string kind_ = "Component";
  std::string operation_ = "CREATE";
  std::string old_object_ = "null";
  ComponentValidation validation_ = ComponentValidation::kWarn;
  RecordingRecorder recorder_;
  webhook::Log log_ = webhook::Log::Silent();
};

TEST_F(ComponentHandlerTest, GoodComponentPassesWithoutAWord) {
  EXPECT_EQ(AnswerTo(kGood), R"("allowed":true}})");
  EXPECT_THAT(recorder_.Events(), ElementsAre("component allowed"));
}

TEST_F(ComponentHandlerTest, ComponentWithoutContainerPassesWithoutAWord) {
  EXPECT_EQ(AnswerTo(R"({"metadata":{"name":"redis"},"spec":{"type":"state.redis"}})"),
            R"("allowed":true}})");
}

TEST_F(ComponentHandlerTest, UnusableContainerIsWarnedOf) {
  EXPECT_EQ(AnswerTo(kNoImage),
            R"("allowed":true,"auditAnnotations":{"decision":"component/no-image"},)"
            R"("warnings":["component kafka: /image: the container has no image"]}})");
  EXPECT_THAT(recorder_.Events(), ElementsAre("component warned"));
}

TEST_F(ComponentHandlerTest, UnusableContainerIsDeniedWhereThatIsAskedFor) {
  validation_ = ComponentValidation::kDeny;
  EXPECT_EQ(AnswerTo(kNoImage), R"("allowed":false,"status":{"metadata":{},"message":)"
                                R"("component kafka: /image: the container has no image; )"
                                R"(give the container an image [component/no-image]"},)"
                                R"("auditAnnotations":{"decision":"component/no-image"}}})");
  EXPECT_THAT(recorder_.Events(), ElementsAre("component denied"));
}

constexpr std::string_view kNoImageIsWarnedOf =
    R"("allowed":true,"auditAnnotations":{"decision":"component/no-image"},)"
    R"("warnings":["component kafka: /image: the container has no image"]}})";

TEST_F(ComponentHandlerTest, UpdateThatMakesTheContainerUnusableIsDenied) {
  validation_ = ComponentValidation::kDeny;
  operation_ = "UPDATE";
  old_object_ = kGood;
  EXPECT_THAT(AnswerTo(kNoImage), HasSubstr(R"("allowed":false)"));
}

TEST_F(ComponentHandlerTest, UpdateOfWhatWasUnusableBeforeIsOnlyWarnedOf) {
  validation_ = ComponentValidation::kDeny;
  operation_ = "UPDATE";
  old_object_ = R"({"metadata":{"name":"kafka","annotations":{"dapr.io/component-container":)"
                R"("{\"name\":\"kafka\"}"},"finalizers":["a.io/b"]}})";
  EXPECT_EQ(AnswerTo(kNoImage), kNoImageIsWarnedOf);
}

TEST_F(ComponentHandlerTest, UpdateThatBreaksTheRestOfAComponentIsDenied) {
  validation_ = ComponentValidation::kDeny;
  operation_ = "UPDATE";
  constexpr std::string_view kBegin = R"({"metadata":{"name":"a","annotations":)"
                                      R"({"dapr.io/component-container":"{\"image\":\"a:1\"}"}},)";
  old_object_ = std::string(kBegin) + R"("spec":{"type":"state.a"}})";
  EXPECT_THAT(AnswerTo(std::string(kBegin) + R"("spec":{"type":7}})"),
              HasSubstr(R"("allowed":false)"));
}

TEST_F(ComponentHandlerTest, ComponentThatIsBeingDeletedIsOnlyWarnedOf) {
  validation_ = ComponentValidation::kDeny;
  operation_ = "UPDATE";
  old_object_ = R"({"metadata":{"name":"kafka","deletionTimestamp":"2026-11-26T02:00:00Z"}})";
  EXPECT_EQ(AnswerTo(kNoImage), kNoImageIsWarnedOf);
}

TEST_F(ComponentHandlerTest, DeletionThatACreateClaimsIsNoExcuse) {
  validation_ = ComponentValidation::kDeny;
  old_object_ = R"({"metadata":{"deletionTimestamp":"2026-11-26T02:00:00Z"}})";
  EXPECT_THAT(AnswerTo(kNoImage), HasSubstr(R"("allowed":false)"));
}

TEST_F(ComponentHandlerTest, RemarkIsNoReasonToDeny) {
  validation_ = ComponentValidation::kDeny;
  EXPECT_THAT(AnswerTo(R"({"metadata":{"name":"a","annotations":{"dapr.io/component-container":)"
                       R"("{\"image\":\"a:1\",\"imagee\":1}"}},"spec":{"type":"state.a"}})"),
              HasSubstr(R"("allowed":true,)"));
}

TEST_F(ComponentHandlerTest, NothingIsSaidWhenOff) {
  validation_ = ComponentValidation::kOff;
  EXPECT_EQ(AnswerTo(kNoImage), R"("allowed":true}})");
}

TEST_F(ComponentHandlerTest, UpdateIsLookedAtToo) {
  operation_ = "UPDATE";
  EXPECT_THAT(AnswerTo(kNoImage), HasSubstr("component/no-image"));
}

TEST_F(ComponentHandlerTest, DeletionIsNot) {
  operation_ = "DELETE";
  EXPECT_EQ(AnswerTo("null"), R"("allowed":true}})");
}

TEST_F(ComponentHandlerTest, OtherKindsAreNone) {
  kind_ = "Configuration";
  EXPECT_EQ(AnswerTo(kNoImage), R"("allowed":true}})");
  kind_ = "Component";
  group_ = "other.io";
  EXPECT_EQ(AnswerTo(kNoImage), R"("allowed":true}})");
}

TEST_F(ComponentHandlerTest, NameToComeFromTheServerIsNoFault) {
  EXPECT_EQ(AnswerTo(R"({"metadata":{"generateName":"redis-"},"spec":{"type":"state.redis"}})"),
            R"("allowed":true}})");
}

TEST_F(ComponentHandlerTest, ObjectsOfAnyShapeAreAnswered) {
  for (const std::string_view object :
       {"null", "[]", "7", "{}", R"({"metadata":7})", R"({"metadata":{"name":[]}})",
        R"({"metadata":{"generateName":{}}})", R"({"spec":[]})",
        R"({"metadata":{"name":"a","annotations":{"dapr.io/component-container":"{"}}})"}) {
    EXPECT_THAT(AnswerTo(object), HasSubstr(R"("allowed":true)")) << object;
  }
}

TEST_F(ComponentHandlerTest, WrongTypesAreNamed) {
  for (const auto& [object, fault] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"[]", "expected object, found array"},
           {R"({"metadata":[1]})", "/metadata: expected object, found array"},
           {R"({"metadata":{"name":"a","annotations":[]}})",
            "/metadata/annotations: expected object, found array"},
           {R"({"metadata":{"name":"a","annotations":{"dapr.io/component-container":{"x":1}}}})",
            "/metadata/annotations/dapr.io~1component-container: expected string, found object"},
           {R"({"metadata":{"name":"a"},"spec":{"version":1.5}})",
            "/spec/version: expected string, found number"},
           {R"({"metadata":{"name":"a"},"scopes":["a",["b"]]})",
            "/scopes/1: expected string, found array"}}) {
    EXPECT_THAT(AnswerTo(object), HasSubstr(fault)) << object;
  }
}

TEST_F(ComponentHandlerTest, ReviewThatIsTooLongIsNotLookedAt) {
  validation_ = ComponentValidation::kDeny;
  const std::string padded = R"({"spec":{"x":")" + std::string(3U << 20U, 'x') + R"("},)" +
                             std::string(kNoImage.substr(1));
  EXPECT_EQ(AnswerTo(padded),
            R"("allowed":true,"warnings":["the injector does not look at Components whose review )"
            R"(is longer than 3 MiB"]}})");
  EXPECT_THAT(recorder_.Events(), ElementsAre("component warned"));
}

TEST_F(ComponentHandlerTest, LargestComponentThatIsKeptIsLookedAt) {
  const std::string padded =
      R"({"x":")" + std::string(3U << 19U, 'x') + R"(",)" + std::string(kNoImage.substr(1));
  EXPECT_THAT(AnswerTo(padded), HasSubstr("component/no-image"));
}

TEST_F(ComponentHandlerTest, EveryRemarkIsTold) {
  EXPECT_EQ(
      AnswerTo(R"({"metadata":{"name":"a","annotations":{)"
               R"("component-injector.dapr.io/wait":"maybe",)"
               R"("dapr.io/component-container":"{\"image\":\"a:1\",\"imagee\":1}"}},)"
               R"("spec":{"type":"lock.a","version":"v1"}})"),
      R"("allowed":true,"auditAnnotations":{"decision":"component/invalid-annotation"},)"
      R"("warnings":["component a: component-injector.dapr.io/wait must be \"true\" or \"false\"; )"
      R"(it is ignored",)"
      R"("component a: /imagee is no field of a container that we know; it is kept as it is",)"
      R"("component a: spec.type \"lock.a\" with version \"v1\" is none that daprd finds on a )"
      R"(socket"]}})");
}

TEST_F(ComponentHandlerTest, WhatIsNoReviewIsRefused) {
  EXPECT_EQ(Send("", "POST").status, 400);
  EXPECT_EQ(Send("{", "POST").status, 400);
  EXPECT_EQ(Send("{}", "POST").status, 400);
  EXPECT_EQ(Send(ReviewOf(kGood), "GET").status, 405);
  EXPECT_EQ(Send(ReviewOf(kGood), "POST", "application/yaml").status, 415);
  EXPECT_THAT(recorder_.Events(),
              ElementsAre("component refused", "component refused", "component refused",
                          "component refused", "component refused"));
}

}  // namespace
}  // namespace injector::test
