#include "k8s/pem.h"

#include <gtest/gtest.h>

namespace injector::test {
namespace {

using k8s::HoldsPem;
using k8s::kPemCertificate;
using k8s::kPemKey;

TEST(HoldsPem, FindsABlockBehindOthers) {
  const char* text =
      "A note\n-----BEGIN EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nAA==\n";
  EXPECT_TRUE(HoldsPem(text, kPemKey));
  EXPECT_FALSE(HoldsPem(text, kPemCertificate));
}

TEST(HoldsPem, OtherLabelsAndOtherTextsAreNone) {
  for (const char* text : {"", "-----BEGIN ", "-----BEGIN CERTIFICATE", "CERTIFICATE-----",
                           "-----BEGIN CERTIFICATE REQUEST-----", "-----BEGIN A\nCERTIFICATE-----",
                           "-----END CERTIFICATE-----"}) {
    EXPECT_FALSE(HoldsPem(text, kPemCertificate)) << text;
  }
}

}  // namespace
}  // namespace injector::test
