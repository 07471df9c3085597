#include "webhook/own_certificate.h"

#include <gtest/gtest.h>

#include "tests/support/own_leaves.h"

namespace injector::test {
namespace {

using webhook::CertificateFacts;
using webhook::DescribeCertificate;
using webhook::IsOfPod;
using webhook::IsOwnCertificate;
using webhook::MakeSelfSigned;
using webhook::OwnCommonName;

CertificateFacts FactsOf(const std::string& pem) {
  const auto facts = DescribeCertificate(pem);
  EXPECT_TRUE(facts);
  return facts ? *facts : CertificateFacts{};
}

TEST(OwnCommonName, IsThePodsNameAndTheRandomDigits) {
  EXPECT_EQ(OwnCommonName("injector-7d9f-x2x4z", "0a1b2c3d"), "injector-7d9f-x2x4z-0a1b2c3d");
}

TEST(OwnCommonName, LongPodNameKeepsItsEnd) {
  const std::string name = OwnCommonName(std::string(60, 'a') + "-x2x4z", "0a1b2c3d");
  EXPECT_EQ(name, std::string(49, 'a') + "-x2x4z-0a1b2c3d");
  EXPECT_EQ(name.size(), 64U);
}

TEST(MakeOwnCertificate, IsALeafOfOursForAWeek) {
  webhook::OwnCertificateOptions options;
  options.service = {"dapr-system", "injector"};
  options.pod_name = "injector-0";
  const auto pair = webhook::MakeOwnCertificate(options);
  ASSERT_TRUE(pair);
  const CertificateFacts facts = FactsOf(pair->certificate_pem);
  EXPECT_TRUE(facts.self_issued);
  EXPECT_FALSE(facts.authority);
  EXPECT_EQ(facts.organization, "component-injector");
  EXPECT_EQ(facts.common_name.size(), std::string("injector-0-01234567").size());
  const auto left = facts.not_after - std::chrono::system_clock::now();
  EXPECT_GT(left, std::chrono::hours(7 * 24 - 1));
  EXPECT_LE(left, std::chrono::hours(7 * 24));
}

TEST(IsOwnCertificate, LeafOfAReplicaIsOurs) {
  EXPECT_TRUE(IsOwnCertificate(FactsOf(OwnLeaf("injector-0"))));
}

TEST(IsOwnCertificate, OthersOrganizationIsForeign) {
  const auto pair = MakeSelfSigned({.organization = "other", .common_name = "pod-01234567"});
  EXPECT_FALSE(IsOwnCertificate(FactsOf(pair->certificate_pem)));
}

TEST(IsOwnCertificate, EphemeralCertificateIsForeign) {
  EXPECT_FALSE(IsOwnCertificate(FactsOf(MakeSelfSigned({})->certificate_pem)));
}

TEST(IsOfPod, TellsPodsApart) {
  const CertificateFacts facts = FactsOf(OwnLeaf("injector-0"));
  EXPECT_TRUE(IsOfPod(facts, "injector-0"));
  EXPECT_FALSE(IsOfPod(facts, "injector-1"));
  EXPECT_FALSE(IsOfPod(facts, "injector"));
  EXPECT_FALSE(IsOfPod(facts, ""));
}

TEST(IsOfPod, CutNameIsStillThePods) {
  const std::string pod = std::string(60, 'a') + "-x2x4z";
  EXPECT_TRUE(IsOfPod(FactsOf(OwnLeaf(pod)), pod));
}

}  // namespace
}  // namespace injector::test
