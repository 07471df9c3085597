#pragma once

// Leaves as replicas make them, for tests of bundles.

#include <gtest/gtest.h>

#include <string>

#include "webhook/own_certificate.h"

namespace injector::test {

inline std::string OwnLeaf(const std::string& pod,
                           std::chrono::seconds lifetime = std::chrono::hours(1)) {
  webhook::OwnCertificateOptions options;
  options.service = {"dapr-system", "injector"};
  options.pod_name = pod;
  options.lifetime = lifetime;
  const auto pair = webhook::MakeOwnCertificate(options);
  EXPECT_TRUE(pair);
  return pair ? pair->certificate_pem : "";
}

// A certificate that no replica made.
inline std::string ForeignLeaf(const std::string& name = "ca.example") {
  const auto pair =
      webhook::MakeSelfSigned({.names = {name}, .organization = "someone", .common_name = name});
  EXPECT_TRUE(pair);
  return pair ? pair->certificate_pem : "";
}

}  // namespace injector::test
