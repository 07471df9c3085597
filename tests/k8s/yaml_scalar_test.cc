// Expectations are what sigs.k8s.io/yaml v1.4.0 prints for the same scalar, but for those whose
// name says that we refuse.
#include "k8s/yaml_scalar.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

struct Case {
  std::string tag;
  std::string text;
  std::string json;
};

class ScalarReads : public testing::TestWithParam<Case> {};

TEST_P(ScalarReads, AsKubernetesReadsIt) {
  const auto value = k8s::ResolveScalar(GetParam().tag, GetParam().text);
  ASSERT_TRUE(value) << GetParam().text << ": " << value.error();
  EXPECT_EQ(value->dump(), GetParam().json) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Integers, ScalarReads,
    testing::Values(Case{"?", "0644", "420"}, Case{"?", "0o17", "15"}, Case{"?", "-0o17", "-15"},
                    Case{"?", "0x1F", "31"}, Case{"?", "0X1F", "31"}, Case{"?", "0b101", "5"},
                    Case{"?", "-0b101", "-5"}, Case{"?", "+12", "12"}, Case{"?", "1_000", "1000"},
                    Case{"?", "1_000_", "1000"}, Case{"?", "0_7", "7"}, Case{"?", "00", "0"},
                    Case{"?", "-0", "0"}, Case{"?", "08", "8"}, Case{"?", "09", "9"},
                    Case{"?", "9223372036854775807", "9223372036854775807"},
                    Case{"?", "18446744073709551615", "18446744073709551615"},
                    Case{"?", "-9223372036854775808", "-9223372036854775808"}));

INSTANTIATE_TEST_SUITE_P(
    Floats, ScalarReads,
    testing::Values(Case{"?", "1_000.5", "1000.5"}, Case{"?", "1e3", "1000"},
                    Case{"?", "1.5e3", "1500"}, Case{"?", ".5", "0.5"}, Case{"?", "+.5", "0.5"},
                    Case{"?", "-.5", "-0.5"}, Case{"?", "5.", "5"}, Case{"?", "01.5", "1.5"},
                    Case{"?", "1.0", "1"}, Case{"?", "0.1", "0.1"}, Case{"?", "1e-400", "0"},
                    Case{"?", "123456789.123", "123456789.123"}, Case{"?", "1e21", "1e+21"}));

INSTANTIATE_TEST_SUITE_P(Words, ScalarReads,
                         testing::Values(Case{"?", "yes", "true"}, Case{"?", "y", "true"},
                                         Case{"?", "on", "true"}, Case{"?", "True", "true"},
                                         Case{"?", "N", "false"}, Case{"?", "OFF", "false"},
                                         Case{"?", "~", "null"}, Case{"?", "", "null"},
                                         Case{"?", "Null", "null"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, ScalarReads,
    testing::Values(Case{"?", "yES", R"("yES")"}, Case{"?", "nULL", R"("nULL")"},
                    Case{"?", "1:30", R"("1:30")"}, Case{"?", "2001-01-01", R"("2001-01-01")"},
                    Case{"?", "1.2.3", R"("1.2.3")"}, Case{"?", "_1", R"("_1")"},
                    Case{"?", ".e3", R"(".e3")"}, Case{"?", "1e", R"("1e")"},
                    Case{"?", "0x", R"("0x")"}, Case{"?", "0o8", R"("0o8")"},
                    Case{"?", "+", R"("+")"}, Case{"?", ".", R"(".")"}, Case{"?", "=", R"("=")"},
                    Case{"?", "1e400", R"("1e400")"}, Case{"!", "true", R"("true")"},
                    Case{"!", "", R"("")"}, Case{"!foo", "12", R"("12")"}));

INSTANTIATE_TEST_SUITE_P(Tags, ScalarReads,
                         testing::Values(Case{"tag:yaml.org,2002:str", "123", R"("123")"},
                                         Case{"tag:yaml.org,2002:str", "~", R"("~")"},
                                         Case{"tag:yaml.org,2002:int", "0644", "420"},
                                         Case{"tag:yaml.org,2002:float", "1", "1"},
                                         Case{"tag:yaml.org,2002:bool", "yes", "true"},
                                         Case{"tag:yaml.org,2002:null", "", "null"}));

class ScalarRefused : public testing::TestWithParam<Case> {};

TEST_P(ScalarRefused, ForWhatJsonCannotHold) {
  EXPECT_FALSE(k8s::ResolveScalar(GetParam().tag, GetParam().text)) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Scalars, ScalarRefused,
                         testing::Values(Case{"?", "18446744073709551616", ""},
                                         Case{"?", "-9223372036854775809", ""},
                                         Case{"?", "0xFFFFFFFFFFFFFFFFF", ""},
                                         Case{"?", ".inf", ""}, Case{"?", "-.Inf", ""},
                                         Case{"?", ".NaN", ""},
                                         Case{"tag:yaml.org,2002:int", "12.5", ""},
                                         Case{"tag:yaml.org,2002:null", "x", ""},
                                         Case{"tag:yaml.org,2002:bool", "1", ""},
                                         Case{"tag:yaml.org,2002:binary", "aGk=", ""}));

class KeyReads : public testing::TestWithParam<Case> {};

TEST_P(KeyReads, AsKubernetesReadsIt) {
  EXPECT_EQ(k8s::ResolveKey(GetParam().tag, GetParam().text).value(), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, KeyReads,
    testing::Values(Case{"?", "1", "1"}, Case{"?", "0644", "420"}, Case{"?", "1.5", "1.5"},
                    Case{"?", "1e3", "1000"}, Case{"?", "1e5", "100000"}, Case{"?", "1e6", "1e+06"},
                    Case{"?", "1234567.0", "1.234567e+06"}, Case{"?", "0.00001", "1e-05"},
                    Case{"?", "0.0001", "0.0001"}, Case{"?", "0.1", "0.1"},
                    Case{"?", "yes", "true"}, Case{"?", "2001-01-01", "2001-01-01"},
                    Case{"!", "~", "~"}));

TEST(ResolveKey, NullIsRefused) {
  EXPECT_FALSE(k8s::ResolveKey("?", "~"));
}

}  // namespace
}  // namespace injector::test
