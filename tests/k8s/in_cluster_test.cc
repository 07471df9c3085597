#include "k8s/in_cluster.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>

#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using k8s::InClusterConfig;
using Variables = std::map<std::string, std::string>;

class InClusterTest : public ::testing::Test {
 protected:
  InClusterTest() {
    folder_.Write("token", "secret\n");
    folder_.Write("ca.crt", "PEM");
  }

  std::unique_ptr<InClusterConfig> Find(const Variables& variables) const {
    const auto environment = [&](const char* name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    return InClusterConfig::Find(environment, folder_.path());
  }

  const Variables kPod = {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"},
                          {"KUBERNETES_SERVICE_PORT", "443"}};
  ScopedTempDir folder_;
};

TEST_F(InClusterTest, PodHasServerTokenAndAuthority) {
  const auto config = Find(kPod);
  ASSERT_NE(config, nullptr);
  EXPECT_EQ(config->Server(), "https://10.0.0.1:443");
  EXPECT_EQ(config->ProxyUrl(), "");
  EXPECT_EQ(config->TlsServerName(), "");
  const auto credentials = config->Current();
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->token, "secret");
  EXPECT_EQ(credentials->ca, "PEM");
  EXPECT_EQ(credentials->client_certificate, "");
}

TEST_F(InClusterTest, AddressOfIpv6StandsInBrackets) {
  const auto config =
      Find({{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "6443"}});
  ASSERT_NE(config, nullptr);
  EXPECT_EQ(config->Server(), "https://[fd00::1]:6443");
}

TEST_F(InClusterTest, WithoutAVariableThisIsNoPod) {
  EXPECT_EQ(Find({}), nullptr);
  EXPECT_EQ(Find({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}), nullptr);
  EXPECT_EQ(Find({{"KUBERNETES_SERVICE_PORT", "443"}}), nullptr);
  EXPECT_EQ(Find({{"KUBERNETES_SERVICE_HOST", ""}, {"KUBERNETES_SERVICE_PORT", "443"}}), nullptr);
}

TEST_F(InClusterTest, WithoutATokenThisIsNoPod) {
  std::filesystem::remove(folder_ / "token");
  EXPECT_EQ(Find(kPod), nullptr);
}

TEST_F(InClusterTest, RotatedTokenIsRead) {
  const auto config = Find(kPod);
  ASSERT_EQ(config->Current().value().token, "secret");
  folder_.Write("token", "rotated");
  EXPECT_EQ(config->Current().value().token, "rotated");
}

TEST_F(InClusterTest, EmptyTokenNamesTheFile) {
  folder_.Write("token", " \n");
  const auto credentials = Find(kPod)->Current();
  ASSERT_FALSE(credentials);
  EXPECT_EQ(credentials.error().kind, ApiErrorKind::kConfiguration);
  EXPECT_EQ(credentials.error().message, (folder_ / "token") + ": the token is empty");
}

TEST_F(InClusterTest, MissingAuthorityNamesTheFile) {
  std::filesystem::remove(folder_ / "ca.crt");
  const auto credentials = Find(kPod)->Current();
  ASSERT_FALSE(credentials);
  EXPECT_EQ(credentials.error().kind, ApiErrorKind::kConfiguration);
  EXPECT_EQ(credentials.error().message, (folder_ / "ca.crt") + ": No such file or directory");
}

}  // namespace
}  // namespace injector::test
