#include "patch/annotation_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

using patch::IsBoolWord;
using patch::IsMountPath;
using patch::IsWaitTimeout;
using patch::NameAndValue;
using patch::ParseBool;
using patch::ParseEnvList;
using patch::ParseHostAddress;
using patch::ParseInt32;
using patch::ParseNameList;
using patch::ParseSecretReference;
using patch::SecretReference;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseBool, SixWordsAreTrueTrimmedAndInAnyLetterCase) {
  for (const char* text : {"y", "yes", "true", "t", "on", "1", "TRUE", "Yes", " on\t", "\n1 "}) {
    EXPECT_TRUE(ParseBool(text)) << text;
    EXPECT_TRUE(IsBoolWord(text)) << text;
  }
}

TEST(ParseBool, WordsForFalseAndTheEmptyTextAreFalse) {
  for (const char* text : {"n", "no", "false", "f", "off", "0", "", " ", "OFF"}) {
    EXPECT_FALSE(ParseBool(text)) << text;
    EXPECT_TRUE(IsBoolWord(text)) << text;
  }
}

TEST(ParseBool, AnythingElseIsFalseAndNoWord) {
  for (const char* text : {"maybe", "tru", "true!", "11", "y es", "enabled"}) {
    EXPECT_FALSE(ParseBool(text)) << text;
    EXPECT_FALSE(IsBoolWord(text)) << text;
  }
}

TEST(ParseInt32, DigitsWithAnOptionalSign) {
  EXPECT_EQ(ParseInt32("0"), 0);
  EXPECT_EQ(ParseInt32("8080"), 8080);
  EXPECT_EQ(ParseInt32("+8080"), 8080);
  EXPECT_EQ(ParseInt32("-1"), -1);
  EXPECT_EQ(ParseInt32("007"), 7);
}

TEST(ParseInt32, EndsOfTheRange) {
  EXPECT_EQ(ParseInt32("2147483647"), 2147483647);
  EXPECT_EQ(ParseInt32("-2147483648"), -2147483647 - 1);
  EXPECT_EQ(ParseInt32("2147483648"), std::nullopt);
  EXPECT_EQ(ParseInt32("-2147483649"), std::nullopt);
  EXPECT_EQ(ParseInt32("4294975376"), std::nullopt);
  EXPECT_EQ(ParseInt32("99999999999999999999999"), std::nullopt);
}

TEST(ParseInt32, AnythingElseIsNoNumber) {
  for (const char* text : {"", " 5", "5 ", "4.5", "ten", "0x10", "1_0", "+-5", "++5", "-", "+"}) {
    EXPECT_EQ(ParseInt32(text), std::nullopt) << text;
  }
}

TEST(IsWaitTimeout, NumberAndUnitWithinADay) {
  for (const char* text : {"1s", "300s", "5m", "24h", "86400s", "1440m"}) {
    EXPECT_TRUE(IsWaitTimeout(text)) << text;
  }
  for (const char* text : {"", "s", "0s", "300", "-5s", "+5s", "1.5s", "1m30s", "86401s", "25h",
                           "5d", " 5s", "500ms"}) {
    EXPECT_FALSE(IsWaitTimeout(text)) << text;
  }
}

TEST(ParseHostAddress, QuotesAndBlanksAreStrippedUntilNoneIsLeft) {
  EXPECT_EQ(ParseHostAddress("p:1"), "p:1");
  EXPECT_EQ(ParseHostAddress(" \"p:1\" "), "p:1");
  EXPECT_EQ(ParseHostAddress("\" p:1 \""), "p:1");
  EXPECT_EQ(ParseHostAddress("\"' \" p:1\t' "), "p:1");
  EXPECT_EQ(ParseHostAddress("\" ' '\""), "");
  EXPECT_EQ(ParseHostAddress("a, \"b"), "a, \"b");
}

TEST(ParseNameList, EntriesAreTrimmedEmptyAndRepeatedOnesDropped) {
  EXPECT_THAT(ParseNameList("store, broker ,,store, "), ElementsAre("store", "broker"));
  EXPECT_THAT(ParseNameList("store"), ElementsAre("store"));
  EXPECT_THAT(ParseNameList(""), IsEmpty());
  EXPECT_THAT(ParseNameList(" , "), IsEmpty());
}

TEST(ParseEnvList, CommaSeparatesOnlyBeforeAnAssignment) {
  EXPECT_THAT(ParseEnvList(" A=1, B=x=y,z ,C=,1BAD=q, _U=,D"),
              ElementsAre(NameAndValue{"A", "1"}, NameAndValue{"B", "x=y,z"},
                          NameAndValue{"C", ",1BAD=q"}, NameAndValue{"_U", ",D"}));
}

TEST(ParseEnvList, PartsWithoutAssignmentAreDropped) {
  EXPECT_THAT(ParseEnvList(""), IsEmpty());
  EXPECT_THAT(ParseEnvList("no assignment"), IsEmpty());
  EXPECT_THAT(ParseEnvList("word,A=1"), ElementsAre(NameAndValue{"A", "1"}));
}

TEST(ParseEnvList, NamesAreNotChecked) {
  EXPECT_THAT(ParseEnvList("=1,MY VAR=2"), ElementsAre(NameAndValue{"", "1,MY VAR=2"}));
  EXPECT_THAT(ParseEnvList("1 x=2"), ElementsAre(NameAndValue{"1 x", "2"}));
}

TEST(ParseSecretReference, NameAloneIsTheKeyToo) {
  EXPECT_EQ(ParseSecretReference(" tok "), (SecretReference{"tok", "tok"}));
}

TEST(ParseSecretReference, OneColonSeparatesNameAndKey) {
  EXPECT_EQ(ParseSecretReference(" s : k "), (SecretReference{"s", "k"}));
  EXPECT_EQ(ParseSecretReference(":k"), (SecretReference{"", "k"}));
}

TEST(ParseSecretReference, MoreColonsAreNoReference) {
  EXPECT_EQ(ParseSecretReference("a:b:c"), std::nullopt);
  EXPECT_EQ(ParseSecretReference("a::"), std::nullopt);
}

TEST(IsMountPath, AbsoluteAndWithoutColon) {
  EXPECT_TRUE(IsMountPath("/var/run"));
  EXPECT_TRUE(IsMountPath("/"));
  EXPECT_FALSE(IsMountPath("var/run"));
  EXPECT_FALSE(IsMountPath("/var:ro"));
  EXPECT_FALSE(IsMountPath(""));
}

}  // namespace
}  // namespace injector::test
