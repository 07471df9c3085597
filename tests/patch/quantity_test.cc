#include "patch/quantity.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::patch {
namespace {

Quantity Parsed(std::string_view text) {
  const auto quantity = ParseQuantity(text);
  EXPECT_TRUE(quantity.has_value()) << text;
  return quantity.value_or(Quantity(-1));
}

TEST(ParseQuantity, TextOfTheGrammarIsLegal) {
  for (const char* text : {"0",
                           "1",
                           "+1",
                           "-1",
                           "007",
                           "1.5",
                           ".5",
                           "5.",
                           "100m",
                           "1n",
                           "1u",
                           "1k",
                           "1M",
                           "1G",
                           "1T",
                           "1P",
                           "1E",
                           "1Ki",
                           "1Mi",
                           "1Gi",
                           "1Ti",
                           "1Pi",
                           "1Ei",
                           "1e3",
                           "1E3",
                           "1e-3",
                           "1E-3",
                           "1e+3",
                           "0.000000000000000001",
                           "0e60",
                           "1234567890123456789012345678"}) {
    EXPECT_TRUE(ParseQuantity(text).has_value()) << text;
  }
}

TEST(ParseQuantity, AnythingElseIsRefused) {
  for (const char* text : {"",   " ",    " 1",    "1 ",    "1 Gi",  "1K",   "1ki",   "1GB", "1GiB",
                           "1e", "1e+",  "1e++3", "1e+-3", "1e3m",  "1em",  "0x10",  "1,5", "1_0",
                           ".",  "-",    "+",     "--1",   "+-1",   "1..5", "1.5.1", "m",   "Gi",
                           "1i", "1ee3", "inf",   "nan",   "1e3.5", "1mi",  "1\n"}) {
    const auto quantity = ParseQuantity(text);
    ASSERT_FALSE(quantity.has_value()) << text;
    EXPECT_EQ(quantity.error().kind, ErrorKind::kMalformedObject) << text;
  }
}

TEST(ParseQuantity, HugeTextOrValueIsRefused) {
  for (const std::string& text :
       {std::string(65, '1'), std::string(64, '9'), std::string("1e30"), std::string("1e60"),
        std::string("1e61"), std::string("1e-61"), std::string("1e99999999999999999999"),
        std::string("999999999999999999999Ei"), std::string("1000000000000E")}) {
    EXPECT_FALSE(ParseQuantity(text).has_value()) << text;
  }
}

struct EqualCase {
  const char* a;
  const char* b;
};

TEST(ParseQuantity, DifferentSpellingsOfOneValueAreEqual) {
  const EqualCase cases[] = {
      {"0.5", "500m"},
      {"1000m", "1"},
      {"1024Mi", "1Gi"},
      {"0.5Gi", "512Mi"},
      {"1000k", "1M"},
      {"1e9", "1G"},
      {"1E", "1e18"},
      {"-0", "0"},
      {"+2", "2"},
      {"1e-3", "1m"},
      {"1.5Ki", "1536"},
      {"1E3", "1000"},
      {"1n", "1e-9"},
      {"1.000", "1"},
      {"1e0", "1"},
      {".5k", "500"},
      {"0.1Ei", "115292150460684697.6"},
  };
  for (const EqualCase& c : cases) EXPECT_EQ(Parsed(c.a), Parsed(c.b)) << c.a << ' ' << c.b;
}

TEST(ParseQuantity, PartsOfABillionthAreRoundedAwayFromZero) {
  EXPECT_EQ(Parsed("0.0000000001"), Parsed("1n"));
  EXPECT_EQ(Parsed("-0.0000000001"), Parsed("-1n"));
  EXPECT_EQ(Parsed("1.0000000001n"), Parsed("2n"));
  EXPECT_EQ(Parsed("1e-60"), Parsed("1n"));
  EXPECT_EQ(Parsed("0e-60"), Parsed("0"));
}

TEST(ParseQuantity, BinaryValuesAreCappedAt64Bits) {
  EXPECT_EQ(Parsed("100Ei"), Parsed("9223372036854775807"));
  EXPECT_EQ(Parsed("8Ei"), Parsed("9223372036854775807"));
  EXPECT_EQ(Parsed("16.00000000000Ei"), Parsed("8Ei"));
  EXPECT_LT(Parsed("7Ei"), Parsed("8Ei"));
  EXPECT_GT(Parsed("100E"), Parsed("100Ei"));
}

TEST(QuantityCompare, ValuesCountNotTexts) {
  EXPECT_LT(Parsed("999m"), Parsed("1"));
  EXPECT_LT(Parsed("1G"), Parsed("1Gi"));
  EXPECT_LT(Parsed("-1"), Parsed("0"));
  EXPECT_LT(Parsed("9007199254740992"), Parsed("9007199254740993"));
  EXPECT_GT(Parsed("1Ki"), Parsed("1k"));
}

TEST(Quantity, NegativeValuesAreSeen) {
  EXPECT_TRUE(Parsed("-1m").IsNegative());
  EXPECT_FALSE(Parsed("-0").IsNegative());
  EXPECT_FALSE(Parsed("1").IsNegative());
}

TEST(Quantity, WholeMultiplesAreSeen) {
  EXPECT_TRUE(Parsed("4Mi").IsMultipleOf(Parsed("2Mi")));
  EXPECT_TRUE(Parsed("0").IsMultipleOf(Parsed("2Mi")));
  EXPECT_FALSE(Parsed("3Mi").IsMultipleOf(Parsed("2Mi")));
  EXPECT_TRUE(Parsed("1000m").IsMultipleOf(Parsed("1")));
  EXPECT_FALSE(Parsed("1001m").IsMultipleOf(Parsed("1")));
}

}  // namespace
}  // namespace injector::patch
