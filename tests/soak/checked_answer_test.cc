#include "tests/soak/checked_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace injector::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr long kNotOptedIn = 0;
constexpr long kDaprdOnly = 1;

TEST(CheckedAnswer, PodThatDidNotOptInNeedsNoPatch) {
  EXPECT_THAT(CheckedAnswer(kNotOptedIn).Fault(R"({"response":{"uid":"soak-0","allowed":true}})"),
              IsEmpty());
}

TEST(CheckedAnswer, PodThatOptedInWithoutDaprdIsAFault) {
  EXPECT_THAT(CheckedAnswer(kDaprdOnly).Fault(R"({"response":{"uid":"soak-1","allowed":true}})"),
              HasSubstr("daprd is missing"));
}

TEST(CheckedAnswer, AnotherUidIsAFault) {
  EXPECT_THAT(CheckedAnswer(kNotOptedIn).Fault(R"({"response":{"uid":"soak-9","allowed":true}})"),
              HasSubstr("uid"));
}

TEST(CheckedAnswer, DenialIsAFault) {
  EXPECT_THAT(CheckedAnswer(kDaprdOnly).Fault(R"({"response":{"uid":"soak-1","allowed":false}})"),
              HasSubstr("denied"));
}

TEST(CheckedAnswer, PatchThatDoesNotApplyIsAFault) {
  // [{"op":"add","path":"/no/such","value":1}]
  EXPECT_THAT(CheckedAnswer(kDaprdOnly)
                  .Fault(R"({"response":{"uid":"soak-1","allowed":true,"patch":)"
                         R"("W3sib3AiOiJhZGQiLCJwYXRoIjoiL25vL3N1Y2giLCJ2YWx1ZSI6MX1d"}})"),
              HasSubstr("does not apply"));
}

TEST(CheckedAnswer, TextThatIsNoReviewIsAFault) {
  EXPECT_THAT(CheckedAnswer(kNotOptedIn).Fault("<html>"), HasSubstr("no AdmissionReview"));
}

}  // namespace
}  // namespace injector::test
