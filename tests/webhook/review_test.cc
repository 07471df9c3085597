#include "webhook/review.h"

#include <gmock/gmock.h>

#include <string>

#include "patch/json_document.h"

namespace injector::test {
namespace {

using testing::ElementsAre;
using webhook::EncodeResponse;
using webhook::Review;

constexpr std::string_view kFull =
    R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","other":1,"request":{)"
    R"("uid":"u-1","kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":""},)"
    R"("subResource":"","namespace":"shop","name":"orders","operation":"CREATE",)"
    R"("userInfo":{"username":"alice","uid":"7","groups":["a","b"]},"object":{"spec":{}},)"
    R"("dryRun":false}})";

class ReviewText : public testing::Test {
 protected:
  patch::Result<Review> Read(std::string_view text) {
    const auto root = parser_.Parse(text);
    EXPECT_TRUE(root.has_value()) << root.error().Text();
    return webhook::ReadReview(*root);
  }
  std::string FaultOf(std::string_view text) {
    const auto review = Read(text);
    return review ? "none" : review.error().Text();
  }

  patch::JsonParser parser_;
};

TEST_F(ReviewText, EveryFieldThatCountsIsRead) {
  const auto review = Read(kFull);
  ASSERT_TRUE(review.has_value()) << review.error().Text();
  EXPECT_EQ(review->api_version, "admission.k8s.io/v1");
  EXPECT_EQ(review->uid, "u-1");
  EXPECT_EQ(review->kind_group, "");
  EXPECT_EQ(review->kind, "Pod");
  EXPECT_EQ(review->sub_resource, "");
  EXPECT_EQ(review->operation, "CREATE");
  EXPECT_EQ(review->namespace_name, "shop");
  EXPECT_EQ(review->name, "orders");
  EXPECT_EQ(review->caller.username, "alice");
  EXPECT_EQ(review->caller.uid, "7");
  EXPECT_THAT(review->caller.groups, ElementsAre("a", "b"));
  EXPECT_EQ(review->object.Type(), patch::JsonType::kObject);
}

TEST_F(ReviewText, FieldsMayBeMissingOrNull) {
  const auto review = Read(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1",)"
                           R"("request":{"uid":null,"userInfo":null}})");
  ASSERT_TRUE(review.has_value()) << review.error().Text();
  EXPECT_EQ(review->uid, "");
  EXPECT_EQ(review->caller.username, "");
  EXPECT_EQ(review->object.Type(), patch::JsonType::kMissing);
}

struct RefusedCase {
  std::string name;
  std::string text;
  std::string fault;
};

class ReviewRefused : public ReviewText, public testing::WithParamInterface<RefusedCase> {};

TEST_P(ReviewRefused, WithPlaceAndReason) {
  EXPECT_EQ(FaultOf(GetParam().text), GetParam().fault);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReviewRefused,
    testing::Values(
        RefusedCase{"Null", "null", "expected an AdmissionReview, found null"},
        RefusedCase{"Array", "[]", "expected an AdmissionReview, found an array"},
        RefusedCase{"String", "\"x\"", "expected an AdmissionReview, found a string"},
        RefusedCase{"EmptyObject", "{}", "/request: expected an object, found no value"},
        RefusedCase{
            "NullRequest",
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":null})",
            "/request: expected an object, found null"},
        RefusedCase{"WrongTypeInside", R"({"request":{"uid":5}})",
                    "/request/uid: expected a string, found a number"},
        RefusedCase{"WrongTypeOfGroup", R"({"request":{"userInfo":{"groups":["a",1]}}})",
                    "/request/userInfo/groups/1: expected a string, found a number"},
        RefusedCase{"NoKind", R"({"apiVersion":"admission.k8s.io/v1","request":{}})",
                    R"(/kind: expected "AdmissionReview", found "")"},
        RefusedCase{"OtherKind",
                    R"({"kind":"Pod","apiVersion":"admission.k8s.io/v1","request":{}})",
                    R"(/kind: expected "AdmissionReview", found "Pod")"},
        RefusedCase{"NoVersion", R"({"kind":"AdmissionReview","request":{}})",
                    R"(/apiVersion: expected "admission.k8s.io/v1" or "admission.k8s.io/v1beta1", )"
                    R"(found "")"},
        RefusedCase{"OtherVersion",
                    R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v2","request":{}})",
                    R"(/apiVersion: expected "admission.k8s.io/v1" or "admission.k8s.io/v1beta1", )"
                    R"(found "admission.k8s.io/v2")"}),
    [](const auto& param) { return param.param.name; });

Review AskedBy(std::string_view api_version) {
  Review review;
  review.api_version = api_version;
  review.uid = "u-1";
  return review;
}

TEST(EncodeResponse, AllowedWithoutChangeHasNoPatch) {
  EXPECT_EQ(EncodeResponse(AskedBy("admission.k8s.io/v1"), webhook::Allowed()),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
            R"("response":{"uid":"u-1","allowed":true}})");
}

TEST(EncodeResponse, VersionIsEchoed) {
  EXPECT_EQ(EncodeResponse(AskedBy("admission.k8s.io/v1beta1"), webhook::Allowed()),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1",)"
            R"("response":{"uid":"u-1","allowed":true}})");
}

TEST(EncodeResponse, PatchIsBase64WithItsType) {
  EXPECT_EQ(EncodeResponse(AskedBy("admission.k8s.io/v1"), webhook::Patched("[1]")),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
            R"("response":{"uid":"u-1","allowed":true,"patch":"WzFd","patchType":"JSONPatch"}})");
}

TEST(EncodeResponse, EmptyPatchIsNoPatch) {
  EXPECT_EQ(EncodeResponse(AskedBy("admission.k8s.io/v1"), webhook::Patched("")),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
            R"("response":{"uid":"u-1","allowed":true}})");
}

TEST(EncodeResponse, DenialHasMessageAndNoCode) {
  EXPECT_EQ(EncodeResponse(AskedBy("admission.k8s.io/v1"), webhook::Denied("no \"way\"")),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
            R"("response":{"uid":"u-1","allowed":false,)"
            R"("status":{"metadata":{},"message":"no \"way\""}}})");
}

TEST(EncodeResponse, FailureOfOursHasCode500) {
  EXPECT_EQ(EncodeResponse(AskedBy("admission.k8s.io/v1"), webhook::Errored("broken")),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
            R"("response":{"uid":"u-1","allowed":false,)"
            R"("status":{"metadata":{},"message":"broken","code":500}}})");
}

TEST(EncodeResponse, WarningsAndAuditFollow) {
  auto response = webhook::Patched("[1]");
  response.WithWarnings({"one", "two"})
      .WithAudit("decision", "pod/injected")
      .WithAudit("empty", "");
  EXPECT_EQ(EncodeResponse(AskedBy("admission.k8s.io/v1"), response),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
            R"("response":{"uid":"u-1","allowed":true,"patch":"WzFd","patchType":"JSONPatch",)"
            R"("auditAnnotations":{"decision":"pod/injected"},"warnings":["one","two"]}})");
}

}  // namespace
}  // namespace injector::test
