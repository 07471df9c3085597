#include "patch/json_fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

using patch::LocateJsonFault;
using testing::HasSubstr;

TEST(LocateJsonFault, OffsetIsThatOfTheFault) {
  EXPECT_EQ(LocateJsonFault(R"({"a": tru})", "").where, "offset 9");
  EXPECT_EQ(LocateJsonFault("{} x", "").where, "offset 3");
  EXPECT_EQ(LocateJsonFault("", "").where, "offset 0");
}

TEST(LocateJsonFault, IntegerBeyond64BitsIsQuotedInPart) {
  const auto fault = LocateJsonFault("[" + std::string(60, '9') + "]", "");
  EXPECT_EQ(fault.message, "integer " + std::string(40, '9') + " does not fit 64 bits");
}

TEST(LocateJsonFault, FractionsAndExponentsFit) {
  EXPECT_EQ(LocateJsonFault("[1e300, 0.5]", "fallback").message, "fallback");
}

TEST(LocateJsonFault, DepthIsBounded) {
  const auto fault = LocateJsonFault(std::string(600, '['), "");
  EXPECT_EQ(fault.Text(), "offset 513: nested deeper than 512 levels");
}

TEST(LocateJsonFault, MessageHoldsNothingOfTheInput) {
  const auto fault = LocateJsonFault(R"({"password": hunter2})", "");
  EXPECT_THAT(fault.message, testing::Not(HasSubstr("hunter")));
  EXPECT_THAT(fault.message, HasSubstr("invalid literal"));
}

TEST(LocateJsonFault, TextWithoutFaultGetsTheFallback) {
  EXPECT_EQ(LocateJsonFault("{}", "the fast reader refused it").Text(),
            "offset 0: the fast reader refused it");
}

}  // namespace
}  // namespace injector::test
