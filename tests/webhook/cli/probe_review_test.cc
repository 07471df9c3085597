#include "webhook/cli/probe_review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "k8s/base64.h"

namespace injector::test {
namespace {

using ::testing::ElementsAre;
using webhook::BuildProbeReview;
using webhook::JudgeProbeAnswer;

constexpr std::string_view kSidecar =
    R"([{"op":"add","path":"/spec/containers/-","value":{"name":"daprd"}}])";

// An answer that allows the pod, with `patch` and what `more` adds to the response.
std::string Answer(std::string_view patch, const std::string& more = "") {
  std::string encoded;
  k8s::AppendBase64(encoded, patch);
  return R"({"response":{"uid":"u","allowed":true,"patchType":"JSONPatch","patch":")" + encoded +
         "\"" + more + "}}";
}

TEST(BuildProbeReview, PodOfTheNamespaceAsksForSidecarAndComponents) {
  const auto review = nlohmann::json::parse(BuildProbeReview("u", "shop"));
  EXPECT_EQ(review["request"]["uid"], "u");
  EXPECT_EQ(review["request"]["namespace"], "shop");
  EXPECT_EQ(review["request"]["object"]["metadata"]["namespace"], "shop");
  EXPECT_EQ(review["request"]["object"]["metadata"]["annotations"],
            nlohmann::json::parse(R"({"dapr.io/enabled": "true",
                                      "dapr.io/app-id": "component-injector-check",
                                      "dapr.io/inject-pluggable-components": "true"})"));
}

TEST(JudgeProbeAnswer, PatchThatAddsDaprdIsGood) {
  const auto warnings = JudgeProbeAnswer("u", 200, Answer(kSidecar));
  ASSERT_TRUE(warnings.has_value()) << warnings.error().Text();
  EXPECT_TRUE(warnings->empty());
}

TEST(JudgeProbeAnswer, ListOfInitContainersWithDaprdIsGood) {
  const auto warnings = JudgeProbeAnswer(
      "u", 200,
      Answer(R"([{"op":"add","path":"/spec/initContainers","value":[{"name":"daprd"}]}])"));
  EXPECT_TRUE(warnings.has_value()) << warnings.error().Text();
}

TEST(JudgeProbeAnswer, WarningsOfAGoodAnswerAreHandedOutOnOneLineEach) {
  const auto warnings =
      JudgeProbeAnswer("u", 200, Answer(kSidecar, R"(,"warnings":["one\ntwo","three"])"));
  ASSERT_TRUE(warnings.has_value()) << warnings.error().Text();
  EXPECT_THAT(*warnings, ElementsAre("one two", "three"));
}

struct BadAnswer {
  std::string name;
  int status;
  std::string body;
  std::string message;
};

class JudgeProbeAnswerBad : public testing::TestWithParam<BadAnswer> {};

TEST_P(JudgeProbeAnswerBad, SaysWhatItIsInstead) {
  const auto warnings = JudgeProbeAnswer("u", GetParam().status, GetParam().body);
  ASSERT_FALSE(warnings.has_value());
  EXPECT_EQ(warnings.error().kind, webhook::ErrorKind::kCluster);
  EXPECT_EQ(warnings.error().Text(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, JudgeProbeAnswerBad,
    testing::Values(
        BadAnswer{"OtherStatus", 503, "not ready\n", "HTTP status 503: not ready "},
        BadAnswer{"NoJson", 200, "<html>", "no AdmissionReview: <html>"},
        BadAnswer{"NoResponse", 200, "{}", "no AdmissionReview: {}"},
        BadAnswer{"ResponseIsNoObject", 200, R"({"response":5})",
                  R"(no AdmissionReview: {"response":5})"},
        BadAnswer{"OtherUid", 200, R"({"response":{"uid":"v","allowed":true}})",
                  "the answer is to another review"},
        BadAnswer{"UidIsNoText", 200, R"({"response":{"uid":5,"allowed":true}})",
                  "the answer is to another review"},
        BadAnswer{"Refused", 200,
                  R"({"response":{"uid":"u","allowed":false,"status":{"message":"no anchors"}}})",
                  "the pod is refused: no anchors"},
        BadAnswer{"RefusedWithoutWords", 200, R"({"response":{"uid":"u"}})",
                  "the pod is refused: "},
        BadAnswer{"NoPatch", 200,
                  R"({"response":{"uid":"u","allowed":true,"warnings":["not authorised"]}})",
                  "the pod would get no container daprd; not authorised"},
        BadAnswer{"PatchIsNoBase64", 200, R"({"response":{"uid":"u","allowed":true,"patch":"*"}})",
                  "the pod would get no container daprd"},
        BadAnswer{"PatchOfOtherFields", 200,
                  Answer(R"([{"op":"add","path":"/metadata/labels","value":{"name":"daprd"}}])"),
                  "the pod would get no container daprd"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace injector::test
