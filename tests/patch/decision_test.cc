#include "patch/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

using patch::BuildWarnings;
using patch::Decision;
using patch::Decisions;
using patch::Reason;
using patch::SentenceOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A warning, one of the two severities that are shown.
Decision Warning(std::string text) {
  return {Reason::kPodJobWillNotEnd, "", std::move(text)};
}

// Something that is not given: the worse one.
Decision NotGiven(std::string text) {
  return {Reason::kAnnotationInvalidValue, "", std::move(text)};
}

TEST(SentenceOf, PodIsNotNamed) {
  EXPECT_EQ(SentenceOf({Reason::kPodInjected, "", "daprd injected"}), "daprd injected");
}

TEST(SentenceOf, ContainerAndComponentAreNamed) {
  EXPECT_EQ(SentenceOf({Reason::kListedWired, "store", "wired"}), "container store: wired");
  EXPECT_EQ(SentenceOf({Reason::kContainerPathTaken, "app", "taken"}), "container app: taken");
  EXPECT_EQ(SentenceOf({Reason::kComponentNoImage, "kafka", "none"}), "component kafka: none");
}

TEST(SentenceOf, ControlCharactersBecomeBlanks) {
  EXPECT_EQ(SentenceOf(Warning("a\nb\tc\x7F"
                               "d\x1B[31m")),
            "a b c d [31m");
}

TEST(SentenceOf, ControlCharactersOfTwoBytesBecomeBlanks) {
  EXPECT_EQ(SentenceOf(Warning("a\xC2\x85"
                               "b\xC2\x9F"
                               "c")),
            "a  b  c");
}

TEST(SentenceOf, OtherCharactersOfTwoBytesStay) {
  EXPECT_EQ(SentenceOf(Warning("caf\xC3\xA9 \xC2\xA0")), "caf\xC3\xA9 \xC2\xA0");
}

TEST(BuildWarnings, NotesAndDenialsAreNoWarnings) {
  EXPECT_THAT(BuildWarnings({{Reason::kPodInjected, "", "note"},
                             {Reason::kComponentOutOfScope, "x", "note"},
                             {Reason::kPodMalformed, "", "denied"}}),
              IsEmpty());
}

TEST(BuildWarnings, WorseOnesComeFirstEqualOnesInOrder) {
  EXPECT_THAT(BuildWarnings({Warning("w1"), NotGiven("n1"), Warning("w2"), NotGiven("n2")}),
              ElementsAre("n1", "n2", "w1", "w2"));
}

TEST(BuildWarnings, EightAreShownWhole) {
  const Decisions decisions(8, Warning("w"));
  EXPECT_THAT(BuildWarnings(decisions), ElementsAre("w", "w", "w", "w", "w", "w", "w", "w"));
}

TEST(BuildWarnings, OfNineTheLastCountsTwo) {
  const Decisions decisions(9, Warning("w"));
  const auto warnings = BuildWarnings(decisions);
  ASSERT_THAT(warnings, SizeIs(8));
  EXPECT_EQ(warnings[6], "w");
  EXPECT_EQ(warnings[7], "and 2 more; see the injector's log or `explain`");
}

TEST(BuildWarnings, CountOfTheRestDropsTheLeastImportant) {
  Decisions decisions(10, Warning("w"));
  decisions.push_back(NotGiven("n"));
  const auto warnings = BuildWarnings(decisions);
  ASSERT_THAT(warnings, SizeIs(8));
  EXPECT_EQ(warnings.front(), "n");
  EXPECT_EQ(warnings.back(), "and 4 more; see the injector's log or `explain`");
}

TEST(BuildWarnings, HundredAndTwentyBytesFit) {
  const std::string longest(120, 'x');
  EXPECT_THAT(BuildWarnings({Warning(longest)}), ElementsAre(longest));
}

TEST(BuildWarnings, LongerOnesAreCut) {
  EXPECT_THAT(BuildWarnings({Warning(std::string(121, 'x'))}),
              ElementsAre(std::string(117, 'x') + "..."));
}

TEST(BuildWarnings, CutKeepsCharactersWhole) {
  // The two-byte character begins at byte 116, so its second byte is the first that does not fit.
  const std::string text = std::string(116, 'x') + "\xC3\xA9" + std::string(10, 'y');
  EXPECT_THAT(BuildWarnings({Warning(text)}), ElementsAre(std::string(116, 'x') + "..."));
}

TEST(KindOfSubject, FollowsFromTheId) {
  EXPECT_EQ(KindOfSubject(Reason::kPodInjected), patch::SubjectKind::kPod);
  EXPECT_EQ(KindOfSubject(Reason::kAnnotationInvalidValue), patch::SubjectKind::kPod);
  EXPECT_EQ(KindOfSubject(Reason::kListedWired), patch::SubjectKind::kContainer);
  EXPECT_EQ(KindOfSubject(Reason::kComponentRenamed), patch::SubjectKind::kComponent);
}

}  // namespace
}  // namespace injector::test
