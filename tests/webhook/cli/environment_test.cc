#include "webhook/cli/environment.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "tests/support/scripted_environment.h"

namespace injector::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using webhook::EnvironmentSettings;

using Variables = std::map<std::string, std::string, std::less<>>;

// What the chart sets always, and `more`.
Variables With(Variables more) {
  more.insert({{"SIDECAR_IMAGE", "daprd:1"}, {"NAMESPACE", "dapr-system"}});
  return more;
}

EnvironmentSettings Read(Variables variables, std::string resolv_conf = "") {
  const auto read = webhook::ReadEnvironment(
      EnvironmentOf(std::move(variables)),
      {.required = true, .resolv_conf = std::move(resolv_conf), .default_wait_image = "wait:1"});
  EXPECT_TRUE(read.has_value()) << read.error().Text();
  return read.value_or(EnvironmentSettings());
}

std::string FaultOf(Variables variables) {
  const auto read = webhook::ReadEnvironment(
      EnvironmentOf(std::move(variables)),
      {.required = true, .resolv_conf = "", .default_wait_image = "wait:1"});
  return read ? "none" : read.error().Text();
}

TEST(ReadEnvironment, MissingImageIsAFault) {
  EXPECT_EQ(FaultOf({{"NAMESPACE", "dapr-system"}}), "required key SIDECAR_IMAGE missing value");
}

TEST(ReadEnvironment, EmptyImageIsAFault) {
  EXPECT_EQ(FaultOf({{"NAMESPACE", "dapr-system"}, {"SIDECAR_IMAGE", ""}}),
            "required key SIDECAR_IMAGE missing value");
}

TEST(ReadEnvironment, MissingNamespaceIsAFault) {
  EXPECT_EQ(FaultOf({{"SIDECAR_IMAGE", "daprd:1"}}), "required key NAMESPACE missing value");
}

TEST(ReadEnvironment, OfflineTheRequiredOnesHaveDefaults) {
  const auto read = webhook::ReadEnvironment(
      EnvironmentOf({}), {.required = false, .resolv_conf = "", .default_wait_image = "wait:1"});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->settings.sidecar_image, "ghcr.io/dapr/daprd:1.18.3");
  EXPECT_EQ(read->settings.control_plane_namespace, "dapr-system");
}

TEST(ReadEnvironment, WhatIsNotSetHasDaprsDefaults) {
  const EnvironmentSettings read = Read(With({}));
  EXPECT_EQ(read.settings.sidecar_image, "daprd:1");
  EXPECT_EQ(read.settings.control_plane_namespace, "dapr-system");
  EXPECT_EQ(read.settings.sidecar_image_pull_policy, "Always");
  EXPECT_EQ(read.settings.cluster_domain, "cluster.local");
  EXPECT_EQ(read.settings.trust_domain, "cluster.local");
  EXPECT_EQ(read.trust_anchors_file, "/var/run/dapr.io/tls/ca.crt");
  EXPECT_TRUE(read.settings.actors_enabled);
  EXPECT_EQ(read.settings.actors.name, "placement");
  EXPECT_EQ(read.settings.actors.host, "dapr-placement-server");
  EXPECT_EQ(read.settings.actors.port, 50005);
  EXPECT_FALSE(read.settings.reminders.has_value());
  EXPECT_TRUE(read.settings.run_as_non_root);
  EXPECT_TRUE(read.settings.read_only_root_filesystem);
  EXPECT_FALSE(read.settings.drop_all_capabilities);
  EXPECT_FALSE(read.settings.downward_apis);
  EXPECT_FALSE(read.settings.native_sidecar);
  EXPECT_FALSE(read.settings.run_as_user.has_value());
  EXPECT_EQ(read.settings.sockets_folder, "/tmp/dapr-components-sockets");
  EXPECT_EQ(read.settings.wait_image, "wait:1");
  EXPECT_EQ(read.settings.wait_image_pull_policy, "IfNotPresent");
  EXPECT_THAT(read.warnings, IsEmpty());
}

struct PolicyCase {
  std::string name;
  std::string text;
  std::string policy;
};

class PullPolicy : public testing::TestWithParam<PolicyCase> {};

TEST_P(PullPolicy, IsOneOfKubernetes) {
  const auto read = Read(With({{"SIDECAR_IMAGE_PULL_POLICY", GetParam().text}}));
  EXPECT_EQ(read.settings.sidecar_image_pull_policy, GetParam().policy);
}

INSTANTIATE_TEST_SUITE_P(Table, PullPolicy,
                         testing::Values(PolicyCase{"Always", "Always", "Always"},
                                         PolicyCase{"Never", "Never", "Never"},
                                         PolicyCase{"IfNotPresent", "IfNotPresent", "IfNotPresent"},
                                         PolicyCase{"LowerCase", "always", "IfNotPresent"},
                                         PolicyCase{"Empty", "", "IfNotPresent"}),
                         [](const auto& param) { return param.param.name; });

TEST(ReadEnvironment, TruthyWordsCountInAnyCaseTrimmed) {
  const auto read = Read(With({{"NATIVE_SIDECAR_ENABLED", " YES "},
                               {"ENABLE_K8S_DOWNWARD_APIS", "on"},
                               {"SIDECAR_DROP_ALL_CAPABILITIES", "maybe"},
                               {"SIDECAR_RUN_AS_NON_ROOT", "no"},
                               {"SIDECAR_READ_ONLY_ROOT_FILESYSTEM", ""},
                               {"ACTORS_ENABLED", "false"}}));
  EXPECT_TRUE(read.settings.native_sidecar);
  EXPECT_TRUE(read.settings.downward_apis);
  EXPECT_FALSE(read.settings.drop_all_capabilities);
  EXPECT_FALSE(read.settings.run_as_non_root);
  EXPECT_TRUE(read.settings.read_only_root_filesystem);
  EXPECT_FALSE(read.settings.actors_enabled);
}

TEST(ReadEnvironment, OtherActorsServiceNeedsAnAddress) {
  EXPECT_EQ(FaultOf(With({{"ACTORS_SERVICE_NAME", "placement"}})),
            "ACTORS_SERVICE_ADDRESS: expected host:port of the service placement, found ''");
}

struct AddressCase {
  std::string name;
  std::string address;
};

class BadAddress : public testing::TestWithParam<AddressCase> {};

TEST_P(BadAddress, IsAFault) {
  EXPECT_EQ(FaultOf(With({{"REMINDERS_SERVICE_NAME", "r"},
                          {"REMINDERS_SERVICE_ADDRESS", GetParam().address}})),
            "REMINDERS_SERVICE_ADDRESS: expected host:port of the service r, found '" +
                GetParam().address + "'");
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadAddress,
    testing::Values(AddressCase{"NoPort", "host"}, AddressCase{"PortZero", "host:0"},
                    AddressCase{"PortTooHigh", "host:65536"}, AddressCase{"NoHost", ":50005"},
                    AddressCase{"TwoColons", "host:1:2"}, AddressCase{"PortIsAWord", "host:http"}),
    [](const auto& param) { return param.param.name; });

TEST(ReadEnvironment, ServicesAreReadWithNameHostAndPort) {
  const auto read = Read(With({{"ACTORS_SERVICE_NAME", "mine"},
                               {"ACTORS_SERVICE_ADDRESS", "actors:7000"},
                               {"REMINDERS_SERVICE_NAME", "theirs"},
                               {"REMINDERS_SERVICE_ADDRESS", "reminders:7001"}}));
  EXPECT_EQ(read.settings.actors.name, "mine");
  EXPECT_EQ(read.settings.actors.host, "actors");
  EXPECT_EQ(read.settings.actors.port, 7000);
  ASSERT_TRUE(read.settings.reminders.has_value());
  EXPECT_EQ(read.settings.reminders->name, "theirs");
  EXPECT_EQ(read.settings.reminders->host, "reminders");
  EXPECT_EQ(read.settings.reminders->port, 7001);
}

TEST(ReadEnvironment, RemindersNamedDefaultAreNone) {
  EXPECT_FALSE(Read(With({{"REMINDERS_SERVICE_NAME", "default"}})).settings.reminders.has_value());
}

TEST(ReadEnvironment, IdsAreIntegers) {
  const auto read = Read(With({{"SIDECAR_RUN_AS_USER", "65532"}, {"SIDECAR_RUN_AS_GROUP", "0"}}));
  EXPECT_EQ(read.settings.run_as_user, 65532);
  EXPECT_EQ(read.settings.run_as_group, 0);
}

TEST(ReadEnvironment, IdThatIsNoIntegerIsAFault) {
  EXPECT_EQ(FaultOf(With({{"SIDECAR_RUN_AS_USER", "root"}})),
            "SIDECAR_RUN_AS_USER: expected an integer, found 'root'");
}

TEST(ReadEnvironment, IdThatKubernetesRefusesIsLeftOutWithAWarning) {
  const auto read = Read(With({{"SIDECAR_RUN_AS_GROUP", "-1"}}));
  EXPECT_FALSE(read.settings.run_as_group.has_value());
  EXPECT_THAT(read.warnings,
              ElementsAre("SIDECAR_RUN_AS_GROUP is not used: Kubernetes refuses ids outside 0 to "
                          "2147483647"));
}

TEST(ReadEnvironment, TolerationsAreJson) {
  const auto read = Read(
      With({{"IGNORE_ENTRYPOINT_TOLERATIONS", R"([{"key":"k","operator":"Equal","value":"v",)"
                                              R"("effect":"NoExecute","tolerationSeconds":5}])"}}));
  const patch::Toleration expected{"k", "Equal", "v", "NoExecute", 5};
  EXPECT_THAT(read.settings.ignore_entrypoint_tolerations, ElementsAre(expected));
}

TEST(ReadEnvironment, TolerationsThatAreNoJsonAreLeftOutWithAWarning) {
  const auto read = Read(With({{"IGNORE_ENTRYPOINT_TOLERATIONS", R"([{\"key\":1}])"}}));
  EXPECT_THAT(read.settings.ignore_entrypoint_tolerations, IsEmpty());
  ASSERT_EQ(read.warnings.size(), 1U);
  EXPECT_THAT(read.warnings[0],
              testing::StartsWith("IGNORE_ENTRYPOINT_TOLERATIONS is not used: offset "));
}

TEST(ReadEnvironment, TolerationsOfTheWrongTypeAreLeftOutWithAWarning) {
  const auto read = Read(With({{"IGNORE_ENTRYPOINT_TOLERATIONS", R"([{"key":1}])"}}));
  EXPECT_THAT(read.warnings, ElementsAre("IGNORE_ENTRYPOINT_TOLERATIONS is not used: /0/key: "
                                         "expected a string, found a number"));
}

TEST(ReadEnvironment, FirstSpellingOfTheSocketsFolderWins) {
  const auto read = Read(With(
      {{"DAPR_COMPONENT_SOCKETS_FOLDER", "/one"}, {"DAPR_COMPONENTS_SOCKETS_FOLDER", "/two"}}));
  EXPECT_EQ(read.settings.sockets_folder, "/one");
}

TEST(ReadEnvironment, EmptySocketsFolderGivesWayToTheOtherSpelling) {
  const auto read = Read(
      With({{"DAPR_COMPONENT_SOCKETS_FOLDER", ""}, {"DAPR_COMPONENTS_SOCKETS_FOLDER", "/two"}}));
  EXPECT_EQ(read.settings.sockets_folder, "/two");
}

TEST(ReadEnvironment, RelativeSocketsFolderIsLeftOutWithAWarning) {
  const auto read = Read(With({{"DAPR_COMPONENT_SOCKETS_FOLDER", "sockets"}}));
  EXPECT_EQ(read.settings.sockets_folder, "/tmp/dapr-components-sockets");
  EXPECT_THAT(read.warnings,
              ElementsAre("DAPR_COMPONENT_SOCKETS_FOLDER is not used: expected an absolute path "
                          "without ':' that daprd has no other use for, found 'sockets'"));
}

TEST(ReadEnvironment, SocketsFolderThatDaprdMountsAlreadyIsLeftOutWithAWarning) {
  const auto read =
      Read(With({{"DAPR_COMPONENT_SOCKETS_FOLDER", "/var/run/secrets/dapr.io/sentrytoken/"}}));
  EXPECT_EQ(read.settings.sockets_folder, "/tmp/dapr-components-sockets");
  EXPECT_THAT(read.warnings, SizeIs(1));
}

TEST(ReadEnvironment, EmptyWaitImageMeansNobodyWaitsAndIsSaid) {
  const auto read = Read(With({{"COMPONENT_WAIT_IMAGE", ""}}));
  EXPECT_EQ(read.settings.wait_image, "");
  EXPECT_THAT(read.warnings, ElementsAre("COMPONENT_WAIT_IMAGE is empty: no pod waits for its "
                                         "components' sockets"));
}

TEST(ReadEnvironment, EmptyTrustDomainIsAFault) {
  EXPECT_EQ(FaultOf(With({{"DAPR_CONTROL_PLANE_TRUST_DOMAIN", ""}})),
            "DAPR_CONTROL_PLANE_TRUST_DOMAIN: expected a trust domain, found an empty text");
}

TEST(ReadEnvironment, BothListsOfAccountsCountAndTheOldOneIsDeprecated) {
  const auto read = Read(With(
      {{"ALLOWED_SERVICE_ACCOUNTS", "a:b"}, {"ALLOWED_SERVICE_ACCOUNTS_PREFIX_NAMES", "c:d*"}}));
  EXPECT_TRUE(read.callers.Allows({"system:serviceaccount:a:b", {}}));
  EXPECT_TRUE(read.callers.Allows({"system:serviceaccount:c:dd", {}}));
  EXPECT_THAT(read.warnings,
              ElementsAre("ALLOWED_SERVICE_ACCOUNTS_PREFIX_NAMES is deprecated: use "
                          "ALLOWED_SERVICE_ACCOUNTS, whose entries are patterns too"));
}

TEST(ReadEnvironment, ClusterDomainThatIsSetIsTakenAsItIs) {
  const auto read = Read(With({{"KUBE_CLUSTER_DOMAIN", "my.domain"}}), "search svc.other\n");
  EXPECT_EQ(read.settings.cluster_domain, "my.domain");
}

TEST(ReadEnvironment, EmptyClusterDomainComesFromTheResolver) {
  const auto read = Read(With({{"KUBE_CLUSTER_DOMAIN", ""}}),
                         "search aws.internal shop.svc.my.domain svc.my.domain my.domain\n");
  EXPECT_EQ(read.settings.cluster_domain, "my.domain");
}

TEST(ClusterDomainOf, LastSearchLineCounts) {
  EXPECT_EQ(webhook::ClusterDomainOf("search svc.one\nnameserver 10.0.0.1\nsearch\tsvc.two"),
            "two");
}

TEST(ClusterDomainOf, NoServiceDomainMeansTheDefault) {
  EXPECT_EQ(webhook::ClusterDomainOf("search aws.internal svc.\n"), "cluster.local");
}

}  // namespace
}  // namespace injector::test
