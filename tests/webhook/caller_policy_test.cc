#include "webhook/caller_policy.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

using webhook::CallerPolicy;

bool Allows(std::string_view list, std::string_view username) {
  CallerPolicy policy;
  const auto added = policy.Add(list, "ALLOWED_SERVICE_ACCOUNTS");
  EXPECT_TRUE(added.has_value()) << added.error().Text();
  return policy.Allows({username, {}});
}

std::string FaultOf(std::string_view list) {
  CallerPolicy policy;
  const auto added = policy.Add(list, "ALLOWED_SERVICE_ACCOUNTS");
  return added ? "none" : added.error().Text();
}

class BuiltInAccount : public testing::TestWithParam<std::string> {};

TEST_P(BuiltInAccount, IsAllowedAlways) {
  EXPECT_TRUE(CallerPolicy().Allows({"system:serviceaccount:" + GetParam(), {}}));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BuiltInAccount,
    testing::Values("kube-system:replicaset-controller", "kube-system:replication-controller",
                    "kube-system:deployment-controller", "kube-system:cronjob-controller",
                    "kube-system:job-controller", "kube-system:statefulset-controller",
                    "kube-system:daemon-set-controller",
                    "openshift-operator-lifecycle-manager:olm-operator-serviceaccount",
                    "tekton-pipelines:tekton-pipelines-controller", "mirrord:mirrord-operator"));

TEST(CallerPolicy, UnknownAccountIsNotAllowed) {
  EXPECT_FALSE(CallerPolicy().Allows({"system:serviceaccount:shop:default", {}}));
}

TEST(CallerPolicy, MembersOfMastersAreAllowed) {
  EXPECT_TRUE(CallerPolicy().Allows({"alice", {"system:authenticated", "system:masters"}}));
}

TEST(CallerPolicy, MembersOfOtherGroupsAreNotAllowed) {
  EXPECT_FALSE(CallerPolicy().Allows({"kubernetes-admin", {"kubeadm:cluster-admins"}}));
}

TEST(CallerPolicy, NobodyIsNotAllowed) {
  EXPECT_FALSE(CallerPolicy().Allows({}));
}

TEST(CallerPolicy, EveryoneIncludesNobody) {
  EXPECT_TRUE(CallerPolicy::Everyone().Allows({}));
}

TEST(CallerPolicy, ThirdPartOfTheNameIsNotAllowed) {
  EXPECT_FALSE(Allows("", "system:serviceaccount:kube-system:job-controller:x"));
}

TEST(CallerPolicy, AccountWithoutThePrefixIsNotAllowed) {
  EXPECT_FALSE(Allows("", "kube-system:job-controller"));
}

TEST(CallerPolicy, EmptyHalfMatchesNoAccount) {
  EXPECT_FALSE(Allows("shop:", "system:serviceaccount:shop:"));
}

TEST(CallerPolicy, EachHalfIsAPattern) {
  EXPECT_TRUE(Allows("vc-*:sa-*", "system:serviceaccount:vc-a:sa-b"));
}

TEST(CallerPolicy, BothHalvesMustMatch) {
  EXPECT_FALSE(Allows("vc-*:sa-*", "system:serviceaccount:vc-a:sb"));
}

TEST(CallerPolicy, StarsAllowEveryAccount) {
  EXPECT_TRUE(Allows("*:*", "system:serviceaccount:any:one"));
}

TEST(CallerPolicy, StarsAllowNoOtherUser) {
  EXPECT_FALSE(Allows("*:*", "alice"));
}

TEST(CallerPolicy, BlanksAndEmptyEntriesOfTheListDoNotCount) {
  EXPECT_TRUE(Allows(" , a : b ,, c:d", "system:serviceaccount:a:b"));
}

TEST(CallerPolicy, EntryWithoutColonIsRefused) {
  EXPECT_EQ(FaultOf("a:b,nope"),
            "ALLOWED_SERVICE_ACCOUNTS: entry 'nope': expected namespace:name of a service account, "
            "with exactly one colon");
}

TEST(CallerPolicy, EntryWithTwoColonsIsRefused) {
  EXPECT_EQ(
      FaultOf("a:b:c"),
      "ALLOWED_SERVICE_ACCOUNTS: entry 'a:b:c': expected namespace:name of a service account, "
      "with exactly one colon");
}

TEST(CallerPolicy, ColonAloneIsRefused) {
  EXPECT_EQ(FaultOf(":"),
            "ALLOWED_SERVICE_ACCOUNTS: entry ':': expected namespace:name of a service account, "
            "with exactly one colon");
}

TEST(CallerPolicy, BadPatternIsRefused) {
  EXPECT_EQ(FaultOf("ns:[ab"),
            "ALLOWED_SERVICE_ACCOUNTS: entry 'ns:[ab': pattern '[ab': '[' needs at least one "
            "character or range and a ']' behind it");
}

TEST(CallerPolicy, LiteralAccountsAreThoseWithoutAPattern) {
  CallerPolicy policy;
  const std::size_t built_in = policy.LiteralAccounts().size();
  EXPECT_EQ(built_in, 10U);
  EXPECT_EQ(policy.LiteralAccounts().front(),
            (webhook::AccountName{"kube-system", "replicaset-controller"}));
  ASSERT_TRUE(policy.Add(" a : b.c ,x-*:y,x:y?,:z,UPPER:case,../..:x", "VARIABLE"));
  ASSERT_EQ(policy.LiteralAccounts().size(), built_in + 1);
  EXPECT_EQ(policy.LiteralAccounts().back(), (webhook::AccountName{"a", "b.c"}));
}

TEST(CallerPolicy, RefusedListAddsNothing) {
  CallerPolicy policy;
  ASSERT_FALSE(policy.Add("a:b,nope", "ALLOWED_SERVICE_ACCOUNTS").has_value());
  EXPECT_FALSE(policy.Allows({"system:serviceaccount:a:b", {}}));
}

}  // namespace
}  // namespace injector::test
