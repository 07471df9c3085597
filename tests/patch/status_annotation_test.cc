#include "patch/status_annotation.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/selection.h"

namespace injector::test {
namespace {

using patch::BuildStatus;
using patch::Decisions;
using patch::PodMetadata;
using patch::Reason;
using patch::StatusBudget;

constexpr std::size_t kRoomy = patch::kMaxStatusBytes;

TEST(BuildStatus, NothingFoundIsThreeEmptyAnswers) {
  EXPECT_EQ(BuildStatus({}, {}, kRoomy), R"({"injected":[],"skipped":[],"outOfScope":0})");
}

TEST(BuildStatus, InjectedOnesNameContainerAndResourceVersion) {
  SelectionBuilder built;
  built.Choose({.name = "kafka"}).Choose({.name = "ledger", .resource_version = "8841"});
  EXPECT_EQ(BuildStatus(built.Get(), {}, kRoomy),
            R"({"injected":[{"component":"kafka","container":"kafka"},)"
            R"({"component":"ledger","container":"ledger","resourceVersion":"8841"}],)"
            R"("skipped":[],"outOfScope":0})");
}

TEST(BuildStatus, VerdictsAgainstAComponentAreSkipped) {
  const Decisions decisions = {{Reason::kPodInjected, "", ""},
                               {Reason::kListedNoSuchContainer, "x", ""},
                               {Reason::kComponentInjected, "a", ""},
                               {Reason::kComponentRenamed, "a", ""},
                               {Reason::kComponentNoContainer, "b", ""},
                               {Reason::kComponentNotAskedFor, "c", ""},
                               {Reason::kComponentInvalidContainer, "d", ""},
                               {Reason::kComponentImageConflict, "e", ""}};
  EXPECT_EQ(BuildStatus({}, decisions, kRoomy),
            R"({"injected":[],"skipped":[)"
            R"({"component":"d","reason":"component/invalid-container"},)"
            R"({"component":"e","reason":"component/image-conflict"}],"outOfScope":0})");
}

TEST(BuildStatus, OutOfScopeIsACount) {
  const Decisions decisions(3, {Reason::kComponentOutOfScope, "x", ""});
  EXPECT_EQ(BuildStatus({}, decisions, kRoomy), R"({"injected":[],"skipped":[],"outOfScope":3})");
}

// One skipped entry of 59 bytes each, so that the places of cuts can be told.
Decisions Skipped(int count) {
  return Decisions(static_cast<std::size_t>(count),
                   {Reason::kComponentInvalidContainer, "abcdefg", ""});
}

TEST(BuildStatus, ExactlyTheBudgetIsEnough) {
  const std::string whole = BuildStatus({}, Skipped(2), kRoomy);
  // The member that tells of a cut must fit as well, should one be needed.
  const std::size_t needed = whole.size() + std::string(R"(,"truncated":true)").size();
  EXPECT_EQ(BuildStatus({}, Skipped(2), needed), whole);
}

TEST(BuildStatus, OneByteLessIsCutBetweenEntries) {
  const std::string whole = BuildStatus({}, Skipped(2), kRoomy);
  const std::size_t needed = whole.size() + std::string(R"(,"truncated":true)").size();
  EXPECT_EQ(BuildStatus({}, Skipped(2), needed - 1),
            R"({"injected":[],"skipped":[)"
            R"({"component":"abcdefg","reason":"component/invalid-container"}],)"
            R"("outOfScope":0,"truncated":true})");
}

TEST(BuildStatus, NeverBeyondTheBudget) {
  for (std::size_t budget = 0; budget < 400; ++budget) {
    EXPECT_LE(BuildStatus({}, Skipped(20), budget).size(), budget) << budget;
  }
}

TEST(BuildStatus, FrameThatDoesNotFitIsNoStatus) {
  EXPECT_EQ(BuildStatus({}, {}, 59), "");
  EXPECT_EQ(BuildStatus({}, {}, 60), R"({"injected":[],"skipped":[],"outOfScope":0})");
}

TEST(BuildStatus, PodThatWasNotInjectedTellsTheReason) {
  EXPECT_EQ(BuildStatus(Reason::kPodCallerNotAllowed), R"({"reason":"pod/caller-not-allowed"})");
}

TEST(StatusBudget, IsTwoKilobytesInAUsualPod) {
  PodMetadata metadata;
  metadata.annotations = {{"dapr.io/enabled", "true"}};
  EXPECT_EQ(StatusBudget(metadata), 2048U);
}

TEST(StatusBudget, KeysAndValuesTakeFromTheServersLimit) {
  const std::string value(262'144 - 33 - 1 - 100, 'x');  // the status' own key has 33 bytes
  PodMetadata metadata;
  metadata.annotations = {{"k", value}};
  EXPECT_EQ(StatusBudget(metadata), 100U);
}

TEST(StatusBudget, ExistingStatusIsReplacedAndDoesNotCount) {
  const std::string value(262'144, 'x');
  PodMetadata metadata;
  metadata.annotations = {{"component-injector.dapr.io/status", value}};
  EXPECT_EQ(StatusBudget(metadata), 2048U);
}

TEST(StatusBudget, FullPodHasNone) {
  const std::string value(262'144 - 33, 'x');
  PodMetadata metadata;
  metadata.annotations = {{"k", value}};
  EXPECT_EQ(StatusBudget(metadata), 0U);
}

}  // namespace
}  // namespace injector::test
