#include "webhook/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

struct MatchCase {
  std::string name;
  std::string pattern;
  std::string text;
  bool matches;
};

class GlobMatches : public testing::TestWithParam<MatchCase> {};

TEST_P(GlobMatches, AsGoDoes) {
  const auto glob = webhook::Glob::Parse(GetParam().pattern);
  ASSERT_TRUE(glob.has_value()) << glob.error().Text();
  EXPECT_EQ(glob->Matches(GetParam().text), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Table, GlobMatches,
    testing::Values(MatchCase{"PlainTextItself", "abc", "abc", true},
                    MatchCase{"PlainTextNotAPrefix", "abc", "abcd", false},
                    MatchCase{"LetterCaseCounts", "abc", "Abc", false},
                    MatchCase{"EmptyPatternEmptyText", "", "", true},
                    MatchCase{"EmptyPatternSomeText", "", "a", false},
                    MatchCase{"StarEverything", "*", "anything", true},
                    MatchCase{"StarNothing", "*", "", true},
                    MatchCase{"StarStopsAtSlash", "*", "a/b", false},
                    MatchCase{"StarPrefix", "pre*", "prefix", true},
                    MatchCase{"StarPrefixAlone", "pre*", "pre", true},
                    MatchCase{"StarInTheMiddle", "foo*bar", "foobar", true},
                    MatchCase{"StarSkipsToTheEnd", "*ab", "abab", true},
                    MatchCase{"StarsInTurn", "a*b*c", "axxbyyc", true},
                    MatchCase{"StarsOutOfTurn", "a*b*c", "axxcyyb", false},
                    MatchCase{"TwoStarsAreOne", "a**c", "abc", true},
                    MatchCase{"QuestionMarkOne", "ns-?", "ns-A", true},
                    MatchCase{"QuestionMarkNotTwo", "ns-?", "ns-AB", false},
                    MatchCase{"QuestionMarkNotNone", "ns-?", "ns-", false},
                    MatchCase{"QuestionMarkNoSlash", "a?b", "a/b", false},
                    MatchCase{"QuestionMarkOneCharacterOfTwoBytes", "?", "\xC3\xA9", true},
                    MatchCase{"ClassMember", "[abc]x", "bx", true},
                    MatchCase{"ClassOutsider", "[abc]x", "dx", false},
                    MatchCase{"ClassRange", "[a-z]", "m", true},
                    MatchCase{"ClassRangeUpsideDown", "[z-a]", "m", false},
                    MatchCase{"ClassNegated", "[^a]", "b", true},
                    MatchCase{"ClassNegatedMember", "[^a]", "a", false},
                    MatchCase{"ExclamationMarkIsAMember", "[!a]", "!", true},
                    MatchCase{"ExclamationMarkDoesNotNegate", "[!a]", "b", false},
                    MatchCase{"ClassEscapedBracket", "[\\]]", "]", true},
                    MatchCase{"ClassOfWideCharacters", "[\xC3\xA0-\xC3\xAF]", "\xC3\xA9", true},
                    MatchCase{"EscapedStar", "a\\*", "a*", true},
                    MatchCase{"EscapedStarIsNoStar", "a\\*", "ab", false},
                    MatchCase{"BracesAreText", "{a,b}", "{a,b}", true},
                    MatchCase{"BracesAreNoChoice", "{a,b}", "a", false}),
    [](const auto& param) { return param.param.name; });

struct RefusedCase {
  std::string name;
  std::string pattern;
};

class GlobRefuses : public testing::TestWithParam<RefusedCase> {};

TEST_P(GlobRefuses, BadPattern) {
  const auto glob = webhook::Glob::Parse(GetParam().pattern);
  ASSERT_FALSE(glob.has_value());
  EXPECT_EQ(glob.error().kind, webhook::ErrorKind::kUsage);
}

INSTANTIATE_TEST_SUITE_P(
    Table, GlobRefuses,
    testing::Values(RefusedCase{"OpenClass", "[ab"}, RefusedCase{"BracketAlone", "["},
                    RefusedCase{"EmptyClass", "[]a]"}, RefusedCase{"EmptyNegatedClass", "[^]a]"},
                    RefusedCase{"RangeWithoutBegin", "[-a]"},
                    RefusedCase{"RangeWithoutEnd", "[a-]"}, RefusedCase{"BackslashAtTheEnd", "a\\"},
                    RefusedCase{"BackslashInOpenClass", "[\\"},
                    RefusedCase{"FaultBehindAStar", "a*[b"}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace injector::test
