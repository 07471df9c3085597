#include "webhook/handler.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

#include "tests/webhook/handler_fixture.h"

namespace injector::test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::Pair;
using testing::StartsWith;
using webhook::HttpReply;

constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

TEST_F(HandlerTest, OtherMethodThanPostIs405) {
  const HttpReply reply = Send({.method = "GET",
                                .path = "/mutate",
                                .content_type = "application/json",
                                .content_encoding = "",
                                .body = "{}",
                                .deadline = {}});
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.content_type, kPlainText);
  EXPECT_EQ(reply.body, "method not allowed, expected POST\n");
  EXPECT_THAT(reply.headers,
              ElementsAre(Pair("X-Content-Type-Options", "nosniff"), Pair("Allow", "POST")));
}

TEST_F(HandlerTest, EmptyBodyIs400WhateverItsType) {
  const HttpReply reply = Send({.method = "POST",
                                .path = "/mutate",
                                .content_type = "text/plain",
                                .content_encoding = "",
                                .body = "",
                                .deadline = {}});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.content_type, kPlainText);
  EXPECT_EQ(reply.body, "empty body\n");
  EXPECT_THAT(reply.headers, ElementsAre(Pair("X-Content-Type-Options", "nosniff")));
  EXPECT_THAT(recorder_.Events(), ElementsAre("received", "answered 400"));
}

struct TypeCase {
  std::string name;
  std::string content_type;
  std::string content_encoding;
  int status;
  std::string body;
};

class HandlerContent : public HandlerTest, public testing::WithParamInterface<TypeCase> {};

TEST_P(HandlerContent, IsJudgedByItsHeaders) {
  const HttpReply reply = Send({.method = "POST",
                                .path = "/mutate",
                                .content_type = GetParam().content_type,
                                .content_encoding = GetParam().content_encoding,
                                .body = "{}",
                                .deadline = {}});
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_EQ(reply.body, GetParam().body);
}

constexpr const char* kWrongType = "invalid Content-Type, expected `application/json`\n";
constexpr const char* kWrongEncoding = "invalid Content-Encoding, expected `identity`\n";
constexpr const char* kNoRequest =
    "malformed AdmissionReview: /request: expected an object, found no value\n";

INSTANTIATE_TEST_SUITE_P(
    Table, HandlerContent,
    testing::Values(TypeCase{"NoType", "", "", 415, kWrongType},
                    TypeCase{"OtherType", "application/yaml", "", 415, kWrongType},
                    TypeCase{"LongerType", "application/json5", "", 415, kWrongType},
                    TypeCase{"Gzip", "application/json", "gzip", 415, kWrongEncoding},
                    TypeCase{"UpperCase", "Application/JSON", "", 400, kNoRequest},
                    TypeCase{"Parameter", "application/json ; charset=utf-8", "", 400, kNoRequest},
                    TypeCase{"Identity", "application/json", "Identity", 400, kNoRequest}),
    [](const auto& param) { return param.param.name; });

TEST_F(HandlerTest, TextThatIsNoJsonIs400WithItsOffset) {
  const HttpReply reply = Post("kind: AdmissionReview");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, StartsWith("malformed JSON: offset 0: "));
  EXPECT_THAT(reply.body, EndsWith("\n"));
}

TEST_F(HandlerTest, TrailingTextIs400) {
  EXPECT_EQ(Post("{} {}").status, 400);
}

TEST_F(HandlerTest, RefusedReviewCountsAsRequestOnly) {
  EXPECT_EQ(Post("null").status, 400);
  EXPECT_THAT(recorder_.Events(), ElementsAre("received", "answered 400"));
}

TEST_F(HandlerTest, PodThatDidNotOptInIsAllowedAsItIs) {
  const HttpReply reply = Post(ReviewOf(R"({"metadata":{"name":"x"},"spec":{}})"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.body, R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                        R"("response":{"uid":"u-1","allowed":true,)"
                        R"("auditAnnotations":{"decision":"pod/not-enabled"}}})");
  EXPECT_THAT(recorder_.Events(),
              ElementsAre("received", "decided pod/not-enabled", "answered 200"));
}

TEST_F(HandlerTest, PodThatOptedInGetsAPatch) {
  const HttpReply reply = Post(ReviewOf(kOrders));
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body,
              StartsWith(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                         R"("response":{"uid":"u-1","allowed":true,"patch":"W3sib3AiOi)"));
  EXPECT_THAT(reply.body, EndsWith(R"(","patchType":"JSONPatch",)"
                                   R"("auditAnnotations":{"decision":"pod/injected"}}})"));
  EXPECT_THAT(recorder_.Events(),
              ElementsAre("received", "decided pod/injected", "answered 200", "succeeded orders"));
}

TEST_F(HandlerTest, AnswerThatCannotBeSentIsAFailure) {
  sent_ = false;
  EXPECT_EQ(Post(ReviewOf(kOrders)).status, 200);
  EXPECT_THAT(recorder_.Events(), ElementsAre("received", "decided pod/injected", "answered 200",
                                              "failed orders write_response"));
}

TEST_F(HandlerTest, SameReviewGetsTheSameBytes) {
  EXPECT_EQ(Post(ReviewOf(kOrders)).body, Post(ReviewOf(kOrders)).body);
}

TEST_F(HandlerTest, CallerWhoMayNotGetsAWarning) {
  const HttpReply reply = Post(ReviewBy("alice", kOrders));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body,
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
            R"("response":{"uid":"u-1","allowed":true,)"
            R"("auditAnnotations":{"decision":"pod/caller-not-allowed"},"warnings":[)"
            R"("not injected: whoever creates this pod may not have sidecars injected"]}})");
  EXPECT_THAT(recorder_.Events(), ElementsAre("received", "decided pod/caller-not-allowed",
                                              "failed orders pod_patch", "answered 200"));
}

TEST_F(HandlerTest, OtherKindIsAllowedAndCounted) {
  const HttpReply reply =
      Post(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1",)"
           R"("request":{"uid":"u-2","kind":{"kind":"ConfigMap"},"operation":"CREATE",)"
           R"("object":{"metadata":{"name":"settings"}}}})");
  EXPECT_EQ(reply.body, R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1",)"
                        R"("response":{"uid":"u-2","allowed":true,)"
                        R"("auditAnnotations":{"decision":"pod/not-a-pod"}}})");
  EXPECT_THAT(recorder_.Events(), ElementsAre("received", "decided pod/not-a-pod",
                                              "failed settings pod_patch", "answered 200"));
}

TEST_F(HandlerTest, DeletionIsAllowedAsItIs) {
  const HttpReply reply =
      Post(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
           R"("request":{"uid":"u-3","kind":{"kind":"Pod"},"operation":"DELETE"}})");
  EXPECT_EQ(reply.body, R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                        R"("response":{"uid":"u-3","allowed":true,)"
                        R"("auditAnnotations":{"decision":"pod/not-a-create"}}})");
  EXPECT_THAT(recorder_.Events(),
              ElementsAre("received", "decided pod/not-a-create", "answered 200"));
}

TEST_F(HandlerTest, SubresourceIsAllowedAsItIs) {
  const HttpReply reply =
      Post(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{)"
           R"("uid":"u-4","kind":{"kind":"Pod"},"operation":"CREATE","subResource":"binding"}})");
  EXPECT_EQ(reply.body, R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                        R"("response":{"uid":"u-4","allowed":true,)"
                        R"("auditAnnotations":{"decision":"pod/not-a-create"}}})");
}

TEST_F(HandlerTest, MissingObjectOfAnAllowedCallerIsRefused) {
  const HttpReply reply = Post(ReviewOf("null"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body,
              StartsWith(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                         R"("response":{"uid":"u-1","allowed":false,"status":{"metadata":{},)"
                         R"("message":"could not unmarshal raw object: )"));
  EXPECT_THAT(recorder_.Events(),
              ElementsAre("received", "decided pod/malformed", "failed  patch", "answered 200"));
}

TEST_F(HandlerTest, MissingObjectOfAnotherCallerIsAllowed) {
  const HttpReply reply = Post(ReviewBy("alice", "null"));
  EXPECT_THAT(reply.body, StartsWith(R"({"kind":"AdmissionReview","apiVersion":)"
                                     R"("admission.k8s.io/v1","response":{"uid":"u-1",)"
                                     R"("allowed":true,"auditAnnotations")"));
}

TEST_F(HandlerTest, InvalidAppIdIsRefused) {
  const HttpReply reply =
      Post(ReviewOf(R"({"metadata":{"annotations":{"dapr.io/enabled":"true"}},"spec":{}})"));
  EXPECT_THAT(reply.body,
              StartsWith(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                         R"("response":{"uid":"u-1","allowed":false,"status":{"metadata":{},)"
                         R"("message":"value for the dapr.io/app-id annotation is empty"})"));
  EXPECT_THAT(recorder_.Events(), ElementsAre("received", "decided pod/invalid-app-id",
                                              "failed  patch", "answered 200"));
}

TEST_F(HandlerTest, AnnotationThatIsEmptyLabelsTheCount) {
  const std::string pod =
      R"({"metadata":{"name":"orders-1","annotations":{"dapr.io/enabled":"true",)"
      R"("dapr.io/app-id":""}},"spec":{"containers":[{"name":"app"}]}})";
  EXPECT_EQ(Post(ReviewOf(pod)).status, 200);
  EXPECT_THAT(recorder_.Events(),
              ElementsAre("received", "decided pod/injected", "answered 200", "succeeded "));
}

constexpr std::string_view kAsking =
    R"({"metadata":{"annotations":{"dapr.io/enabled":"true","dapr.io/app-id":"orders",)"
    R"("dapr.io/inject-pluggable-components":"true"}},"spec":{"containers":[{"name":"app"}]}})";

TEST_F(HandlerTest, ComponentsAreSoughtInTheRequestsNamespaceUntilItsDeadline) {
  const HttpReply reply = Post(ReviewOf(kAsking));
  EXPECT_EQ(components_.asked_for, "shop");
  EXPECT_EQ(components_.asked_until, deadline_);
  EXPECT_THAT(reply.body, EndsWith(R"("auditAnnotations":{"decision":"pod/injected",)"
                                   R"("components":"{\"injected\":[],\"skipped\":[],)"
                                   R"(\"outOfScope\":0}"}}})"));
}

TEST_F(HandlerTest, FailedLookUpRefusesThePod) {
  components_.answer = [] {
    return patch::Fail(patch::ErrorKind::kMalformedObject, "", "the folder is gone");
  };
  const HttpReply reply = Post(ReviewOf(kAsking));
  EXPECT_THAT(reply.body,
              StartsWith(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                         R"("response":{"uid":"u-1","allowed":false,"status":{"metadata":{},)"
                         R"("message":"error when fetching components: the folder is gone"})"));
}

TEST_F(HandlerTest, MissingTrustAnchorsRefuseThePod) {
  surroundings_.surroundings.trust_anchors = "";
  EXPECT_EQ(Post(ReviewOf(kOrders)).status, 200);
  EXPECT_THAT(recorder_.Events(), ElementsAre("received", "decided pod/trust-anchors-missing",
                                              "failed orders patch", "answered 200"));
}

TEST_F(HandlerTest, ExceptionBecomesARefusalWithTheUid) {
  components_.answer = []() -> patch::Result<patch::ComponentLook> {
    throw std::runtime_error("bug");
  };
  const HttpReply reply = Post(ReviewOf(kAsking));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body,
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
            R"("response":{"uid":"u-1","allowed":false,"status":{"metadata":{},)"
            R"("message":"the injector failed on this request; its log says more","code":500},)"
            R"("auditAnnotations":{"decision":"pod/handler-failed"}}})");
  EXPECT_THAT(recorder_.Events(), ElementsAre("received", "threw", "decided pod/handler-failed",
                                              "failed  patch", "answered 200"));
}

TEST_F(HandlerTest, ThrownThingThatIsNoExceptionIsAnsweredToo) {
  components_.answer = []() -> patch::Result<patch::ComponentLook> { throw 5; };
  EXPECT_THAT(Post(ReviewOf(kAsking)).body, StartsWith(R"({"kind":"AdmissionReview")"));
}

}  // namespace
}  // namespace injector::test
