// Options of `serve` with a cluster as the source.

#include <gmock/gmock.h>

#include "tests/support/scripted_environment.h"
#include "webhook/cli/options.h"

namespace injector::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using webhook::FlagValues;
using webhook::ServeOptions;
using Variables = std::map<std::string, std::string, std::less<>>;

webhook::OptionResult<ServeOptions> Read(FlagValues flags, Variables variables = {}) {
  variables.insert({{"SIDECAR_IMAGE", "daprd:1"}, {"NAMESPACE", "dapr-system"}});
  flags.insert({"serving-certificate", {"ephemeral"}});
  return webhook::ReadServeOptions(flags, {EnvironmentOf(std::move(variables)), "", "wait:1"});
}

ServeOptions Serve(FlagValues flags, Variables variables = {}) {
  const auto options = Read(std::move(flags), std::move(variables));
  EXPECT_TRUE(options.has_value()) << options.error().message;
  return options.value_or(ServeOptions());
}

TEST(ClusterOptions, WithoutResourcesTheClusterIsTheSource) {
  const ServeOptions options = Serve({});
  EXPECT_TRUE(options.InCluster());
  EXPECT_EQ(options.cluster.freshness, webhook::Freshness::kAuto);
  EXPECT_THAT(options.cluster.namespaces, IsEmpty());
  EXPECT_TRUE(options.cluster.asks_version);
  EXPECT_FALSE(options.cluster.root_allowed);
  EXPECT_EQ(options.cluster.kubeconfig, "");
  EXPECT_EQ(options.common.server_minor, std::nullopt);
  EXPECT_EQ(options.common.identity_token, webhook::IdentityToken::kAuto);
  EXPECT_EQ(options.drain_time, std::chrono::seconds(15));
}

TEST(ClusterOptions, ResourcesAreTheSourceWhenGiven) {
  EXPECT_FALSE(Serve({{"resources", {"components"}}}).InCluster());
}

TEST(ClusterOptions, FlagsAreRead) {
  const ServeOptions options = Serve({{"component-freshness", {"strict"}},
                                      {"namespaces", {"shop, bank"}},
                                      {"kubernetes-version", {"1.31"}},
                                      {"kubeconfig", {"/etc/config"}},
                                      {"drain-time", {"1s"}}},
                                     {{"HOME", "/home/me"}});
  EXPECT_EQ(options.cluster.freshness, webhook::Freshness::kStrict);
  EXPECT_THAT(options.cluster.namespaces, ElementsAre("shop", "bank"));
  EXPECT_FALSE(options.cluster.asks_version);
  EXPECT_EQ(options.common.server_minor, 31);
  EXPECT_EQ(options.cluster.kubeconfig, "/etc/config");
  EXPECT_EQ(options.drain_time, std::chrono::seconds(1));
}

TEST(ClusterOptions, KubeconfigIsLookedForInTheHome) {
  EXPECT_EQ(Serve({}, {{"HOME", "/home/me"}}).cluster.kubeconfig, "/home/me/.kube/config");
}

TEST(ClusterOptions, OnlyTheWordTrueAllowsRoot) {
  const char* variable = "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK";
  EXPECT_TRUE(Serve({}, {{variable, "true"}}).cluster.root_allowed);
  for (const char* text : {"", "1", "yes", "TRUE", "false"}) {
    EXPECT_FALSE(Serve({}, {{variable, text}}).cluster.root_allowed) << text;
  }
}

TEST(ClusterOptions, NameThatNoNamespaceHasIsUsage) {
  const auto options = Read({{"namespaces", {"shop,../x"}}});
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().exit_code, 2);
  EXPECT_EQ(options.error().message, "--namespaces: expected names of namespaces, found '../x'");
}

TEST(ClusterOptions, UnknownFreshnessIsUsage) {
  const auto options = Read({{"component-freshness", {"fresh"}}});
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().exit_code, 2);
}

}  // namespace
}  // namespace injector::test
