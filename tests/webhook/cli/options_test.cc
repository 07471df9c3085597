#include "webhook/cli/options.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/support/scripted_environment.h"

namespace injector::test {
namespace {

using testing::ElementsAre;
using webhook::FlagValues;
using webhook::OptionFault;
using webhook::OptionSources;
using webhook::ReviewOptions;
using webhook::ServeOptions;
using webhook::WaitOptions;

using Variables = std::map<std::string, std::string, std::less<>>;

OptionSources SourcesWith(Variables variables) {
  variables.insert({{"SIDECAR_IMAGE", "daprd:1"}, {"NAMESPACE", "dapr-system"}});
  return {EnvironmentOf(std::move(variables)), "", "wait:1"};
}

// Flags and the folder that `serve` needs.
FlagValues With(FlagValues flags) {
  flags.insert({"resources", {"components"}});
  return flags;
}

ServeOptions Serve(FlagValues flags, Variables variables = {}) {
  const auto options =
      webhook::ReadServeOptions(With(std::move(flags)), SourcesWith(std::move(variables)));
  EXPECT_TRUE(options.has_value()) << options.error().message;
  return options.value_or(ServeOptions());
}

OptionFault ServeFault(FlagValues flags, Variables variables = {}) {
  const auto options =
      webhook::ReadServeOptions(With(std::move(flags)), SourcesWith(std::move(variables)));
  return options ? OptionFault{0, "none"} : options.error();
}

TEST(ServeOptions, WithoutFlagsHaveTheirDefaults) {
  const ServeOptions options = Serve({});
  EXPECT_EQ(options.webhook.address, "");
  EXPECT_EQ(options.webhook.port, 4000);
  EXPECT_EQ(options.health.address, "");
  EXPECT_EQ(options.health.port, 8080);
  EXPECT_EQ(options.metrics.address, "0.0.0.0");
  EXPECT_EQ(options.metrics.port, 9090);
  EXPECT_TRUE(options.enable_metrics);
  EXPECT_EQ(options.certificate_source, webhook::CertificateSource::kEphemeral);
  EXPECT_EQ(options.key_type, webhook::KeyType::kP256);
  EXPECT_EQ(options.drain_time.count(), 0);
  EXPECT_EQ(options.max_body, 8'388'608U);
  EXPECT_EQ(options.max_connections, 1024U);
  EXPECT_EQ(options.max_inflight_bytes, 33'554'432U);
  EXPECT_EQ(options.log.level, webhook::LogLevel::kInfo);
  EXPECT_FALSE(options.log.as_json);
  EXPECT_EQ(options.log.file, "");
  EXPECT_THAT(options.common.resources, ElementsAre("components"));
  EXPECT_EQ(options.common.server_minor, 36);
  EXPECT_EQ(options.common.identity_token, webhook::IdentityToken::kAlways);
  EXPECT_EQ(options.common.settings.sidecar_image, "daprd:1");
  EXPECT_TRUE(options.common.settings.scheduler_enabled);
}

TEST(ServeOptions, FlagsOfDaprAreRead) {
  const ServeOptions options = Serve({{"port", {"1"}},
                                      {"listen-address", {"127.0.0.1"}},
                                      {"healthz-port", {"2"}},
                                      {"healthz-listen-address", {"127.0.0.2"}},
                                      {"metrics-port", {"0"}},
                                      {"metrics-listen-address", {"127.0.0.3"}},
                                      {"enable-metrics", {"false"}},
                                      {"scheduler-enabled", {"F"}},
                                      {"log-level", {"Debug"}},
                                      {"log-as-json", {"true"}},
                                      {"log-file", {"log"}},
                                      {"kubeconfig", {"ignored"}}});
  EXPECT_EQ(options.webhook.port, 1);
  EXPECT_EQ(options.webhook.address, "127.0.0.1");
  EXPECT_EQ(options.health.port, 2);
  EXPECT_EQ(options.health.address, "127.0.0.2");
  EXPECT_EQ(options.metrics.port, 0);
  EXPECT_EQ(options.metrics.address, "127.0.0.3");
  EXPECT_FALSE(options.enable_metrics);
  EXPECT_FALSE(options.common.settings.scheduler_enabled);
  EXPECT_EQ(options.log.level, webhook::LogLevel::kDebug);
  EXPECT_TRUE(options.log.as_json);
  EXPECT_EQ(options.log.file, "log");
}

TEST(ServeOptions, FlagsOfOursAreRead) {
  const ServeOptions options = Serve({{"kubernetes-version", {"v1.31.4+k3s1"}},
                                      {"component-placement", {"container"}},
                                      {"init-position", {"first"}},
                                      {"component-wait", {"off"}},
                                      {"wait-timeout", {"5m"}},
                                      {"wait-cpu", {"10m"}},
                                      {"wait-memory", {"16Mi"}},
                                      {"mesh-init-containers", {"a, b"}},
                                      {"status-annotation", {"all"}},
                                      {"identity-token", {"auto"}},
                                      {"serving-key", {"rsa"}},
                                      {"serving-certificate-out", {"serving.pem"}},
                                      {"drain-time", {"1m30s"}},
                                      {"max-body", {"512Ki"}},
                                      {"max-connections", {"7"}},
                                      {"max-inflight-bytes", {"1G"}}});
  const patch::Settings& settings = options.common.settings;
  EXPECT_EQ(options.common.server_minor, 31);
  EXPECT_EQ(settings.ordering.placement, patch::Placement::kContainer);
  EXPECT_EQ(settings.ordering.init_position, patch::InitPosition::kFirst);
  EXPECT_FALSE(settings.ordering.wait);
  EXPECT_EQ(settings.ordering.wait_timeout, "5m");
  EXPECT_EQ(settings.wait_cpu, "10m");
  EXPECT_EQ(settings.wait_memory, "16Mi");
  EXPECT_THAT(settings.mesh_init_containers, ElementsAre("a", "b"));
  EXPECT_EQ(settings.status_annotation, patch::StatusAnnotation::kAll);
  EXPECT_EQ(options.common.identity_token, webhook::IdentityToken::kAuto);
  EXPECT_EQ(options.key_type, webhook::KeyType::kRsa);
  EXPECT_EQ(options.certificate_out, "serving.pem");
  EXPECT_EQ(options.drain_time, std::chrono::seconds(90));
  EXPECT_EQ(options.max_body, 524'288U);
  EXPECT_EQ(options.max_connections, 7U);
  EXPECT_EQ(options.max_inflight_bytes, 1'000'000'000U);
}

TEST(ServeOptions, FlagOfOursHasAVariable) {
  EXPECT_EQ(Serve({}, {{"COMPONENT_INJECTOR_WAIT_CPU", "1"}}).common.settings.wait_cpu, "1");
}

TEST(ServeOptions, FlagWinsOverItsVariable) {
  EXPECT_EQ(
      Serve({{"wait-cpu", {"2"}}}, {{"COMPONENT_INJECTOR_WAIT_CPU", "1"}}).common.settings.wait_cpu,
      "2");
}

TEST(ServeOptions, FlagOfDaprHasNoVariable) {
  EXPECT_EQ(Serve({}, {{"COMPONENT_INJECTOR_PORT", "1"}}).webhook.port, 4000);
}

TEST(ServeOptions, LastOfRepeatedFlagsCounts) {
  EXPECT_EQ(Serve({{"port", {"1", "2"}}}).webhook.port, 2);
}

TEST(ServeOptions, ResourcesMayComeFromTheirVariable) {
  const auto options =
      webhook::ReadServeOptions({}, SourcesWith({{"COMPONENT_INJECTOR_RESOURCES", "one,two"}}));
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_THAT(options->common.resources, ElementsAre("one", "two"));
}

TEST(ServeOptions, MissingVariableIsAFaultOfTheStart) {
  const auto options = webhook::ReadServeOptions(With({}), {EnvironmentOf({}), "", "wait:1"});
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().exit_code, 1);
  EXPECT_EQ(options.error().message, "required key SIDECAR_IMAGE missing value");
}

TEST(ServeOptions, VariableThatMeansNothingIsAFaultOfTheStart) {
  const OptionFault fault = ServeFault({}, {{"COMPONENT_INJECTOR_WAIT_TIMEOUT", "soon"}});
  EXPECT_EQ(fault.exit_code, 1);
  EXPECT_EQ(fault.message,
            "COMPONENT_INJECTOR_WAIT_TIMEOUT: expected a time such as 300s or 5m, from 1s to 24h, "
            "found 'soon'");
}

TEST(ServeOptions, UnknownLogLevelIsAFaultOfTheStart) {
  EXPECT_EQ(ServeFault({{"log-level", {"loud"}}}).exit_code, 1);
}

TEST(ServeOptions, MetricsPortThatIsNoNumberIsAFaultOfTheStart) {
  EXPECT_EQ(ServeFault({{"metrics-port", {"http"}}}).exit_code, 1);
}

TEST(ServeOptions, FilesAreTheSourceOfTheCertificateWhenGiven) {
  const ServeOptions options =
      Serve({{"tls-cert-file", {"tls.crt"}}, {"tls-private-key-file", {"tls.key"}}});
  EXPECT_EQ(options.certificate_source, webhook::CertificateSource::kFiles);
  EXPECT_EQ(options.certificate_files.certificate, "tls.crt");
  EXPECT_EQ(options.certificate_files.key, "tls.key");
}

TEST(ServeOptions, WarningsOfTheEnvironmentAreKept) {
  EXPECT_THAT(Serve({}, {{"COMPONENT_WAIT_IMAGE", ""}}).common.warnings,
              ElementsAre("COMPONENT_WAIT_IMAGE is empty: no pod waits for its components' "
                          "sockets"));
}

TEST(ServeOptions, CallersOfTheEnvironmentAreJudged) {
  const ServeOptions options = Serve({}, {{"ALLOWED_SERVICE_ACCOUNTS", "a:b"}});
  EXPECT_TRUE(options.callers.Allows({"system:serviceaccount:a:b", {}}));
  EXPECT_FALSE(options.callers.Allows({"system:serviceaccount:a:c", {}}));
}

struct UsageCase {
  std::string name;
  FlagValues flags;
  std::string message;
};

class ServeUsage : public testing::TestWithParam<UsageCase> {};

TEST_P(ServeUsage, IsRefusedWithWhatWasExpected) {
  const OptionFault fault = ServeFault(GetParam().flags);
  EXPECT_EQ(fault.exit_code, 2);
  EXPECT_EQ(fault.message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ServeUsage,
    testing::Values(
        UsageCase{"PortOutOfRange",
                  {{"port", {"65536"}}},
                  "--port: expected a number from 0 to 65535, found '65536'"},
        UsageCase{"PortNegative",
                  {{"port", {"-1"}}},
                  "--port: expected a number from 0 to 65535, found '-1'"},
        UsageCase{"SwitchIsNoBool",
                  {{"enable-metrics", {"maybe"}}},
                  "--enable-metrics: expected true or false, found 'maybe'"},
        UsageCase{"SwitchIsEmpty",
                  {{"log-as-json", {""}}},
                  "--log-as-json: expected true or false, found ''"},
        UsageCase{"Placement",
                  {{"component-placement", {"Sidecar"}}},
                  "--component-placement: expected one of auto, sidecar, container, found "
                  "'Sidecar'"},
        UsageCase{"WaitTimeoutWithoutUnit",
                  {{"wait-timeout", {"300"}}},
                  "--wait-timeout: expected a time such as 300s or 5m, from 1s to 24h, found "
                  "'300'"},
        UsageCase{"Quantity",
                  {{"wait-memory", {"32MB"}}},
                  "--wait-memory: expected a quantity such as 50m or 32Mi, found '32MB'"},
        UsageCase{"QuantityOfNothing",
                  {{"wait-cpu", {"0"}}},
                  "--wait-cpu: expected a quantity such as 50m or 32Mi, found '0'"},
        UsageCase{"KubernetesVersion",
                  {{"kubernetes-version", {"32"}}},
                  "--kubernetes-version: expected a version such as 1.32 or v1.32.1, found '32'"},
        UsageCase{"KubernetesVersionWithLetters",
                  {{"kubernetes-version", {"1.32x"}}},
                  "--kubernetes-version: expected a version such as 1.32 or v1.32.1, found "
                  "'1.32x'"},
        UsageCase{"Duration",
                  {{"drain-time", {"15"}}},
                  "--drain-time: expected a time such as 15s or 1m30s, at most 24h, found '15'"},
        UsageCase{"BytesOfNothing",
                  {{"max-body", {"0"}}},
                  "--max-body: expected a number of bytes such as 8Mi or 65536, found '0'"},
        UsageCase{"BytesBeyondMeasure",
                  {{"max-body", {"99999999999Gi"}}},
                  "--max-body: expected a number of bytes such as 8Mi or 65536, found "
                  "'99999999999Gi'"},
        UsageCase{"NoConnections",
                  {{"max-connections", {"0"}}},
                  "--max-connections: expected a number from 1, found '0'"},
        UsageCase{"Freshness",
                  {{"component-freshness", {"new"}}},
                  "--component-freshness: expected one of auto, strict, cached, found 'new'"},
        UsageCase{"Validation",
                  {{"component-validation", {"yes"}}},
                  "--component-validation: expected one of warn, deny, off, found 'yes'"},
        UsageCase{"Namespaces",
                  {{"namespaces", {"shop,Not A Name"}}},
                  "--namespaces: expected names of namespaces, found 'Not A Name'"},
        UsageCase{"HalfAKeyPair",
                  {{"tls-cert-file", {"tls.crt"}}},
                  "--serving-certificate files: --tls-cert-file and --tls-private-key-file are "
                  "needed, both of them"},
        UsageCase{"FilesWithoutFiles",
                  {{"serving-certificate", {"files"}}},
                  "--serving-certificate files: --tls-cert-file and --tls-private-key-file are "
                  "needed, both of them"},
        UsageCase{"EphemeralWithFiles",
                  {{"serving-certificate", {"ephemeral"}}, {"tls-cert-file", {"tls.crt"}}},
                  "--serving-certificate ephemeral: takes no certificate files"},
        UsageCase{"NothingToWriteOut",
                  {{"serving-certificate-out", {"a"}},
                   {"tls-cert-file", {"b"}},
                   {"tls-private-key-file", {"c"}}},
                  "--serving-certificate-out: there is no ephemeral certificate"}),
    [](const auto& param) { return param.param.name; });

TEST(ReviewOptions, JudgeNobodyUnlessTold) {
  const auto options = webhook::ReadReviewOptions({}, SourcesWith({}));
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_TRUE(options->callers.Allows({"alice", {}}));
  EXPECT_TRUE(options->common.resources.empty());
  EXPECT_EQ(options->common.server_minor, 36);
}

TEST(ReviewOptions, JudgeCallersWhenTold) {
  const auto options = webhook::ReadReviewOptions({{"judge-caller", {"true"}}}, SourcesWith({}));
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_FALSE(options->callers.Allows({"alice", {}}));
}

TEST(ReviewOptions, VariableThatMeansNothingIsUsage) {
  const auto options =
      webhook::ReadReviewOptions({}, SourcesWith({{"COMPONENT_INJECTOR_INIT_POSITION", "middle"}}));
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().exit_code, 2);
  EXPECT_EQ(options.error().message,
            "COMPONENT_INJECTOR_INIT_POSITION: expected one of last, first, found 'middle'");
}

TEST(ReviewOptions, EnvironmentThatMeansNothingIsUsage) {
  const auto options =
      webhook::ReadReviewOptions({}, SourcesWith({{"SIDECAR_RUN_AS_USER", "root"}}));
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().exit_code, 2);
}

TEST(InjectOptions, FilesNamespaceAndFormAreRead) {
  const auto options = webhook::ReadInjectOptions(
      {{"filename", {"a.yaml", "-"}}, {"namespace", {"shop"}}, {"output", {"json"}}},
      SourcesWith({}));
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_THAT(options->files, ElementsAre("a.yaml", "-"));
  EXPECT_EQ(options->namespace_name, "shop");
  EXPECT_EQ(options->output, webhook::ManifestFormat::kJson);
  EXPECT_EQ(options->common.identity_token, webhook::IdentityToken::kAlways);
}

TEST(InjectOptions, WithoutNamespaceTheManifestsCount) {
  const auto options = webhook::ReadInjectOptions({{"filename", {"a.yaml"}}}, SourcesWith({}));
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_EQ(options->namespace_name, std::nullopt);
  EXPECT_EQ(options->output, webhook::ManifestFormat::kYaml);
}

TEST(InjectOptions, FileIsNeeded) {
  const auto options = webhook::ReadInjectOptions({}, SourcesWith({}));
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().exit_code, 2);
  EXPECT_EQ(options.error().message, "--filename: name at least one file, or - for standard input");
}

TEST(InjectOptions, NamespaceThatIsNoNameIsUsage) {
  const auto options = webhook::ReadInjectOptions(
      {{"filename", {"a.yaml"}}, {"namespace", {"Shop"}}}, SourcesWith({}));
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().message, "--namespace: expected the name of a namespace, found 'Shop'");
}

TEST(ExplainOptions, ColourIsForTerminals) {
  const FlagValues flags = {{"filename", {"a.yaml"}}};
  EXPECT_TRUE(webhook::ReadExplainOptions(flags, SourcesWith({}), true)->colour);
  EXPECT_FALSE(webhook::ReadExplainOptions(flags, SourcesWith({}), false)->colour);
}

TEST(ExplainOptions, FormOfInjectIsUsage) {
  const auto options = webhook::ReadExplainOptions({{"filename", {"a.yaml"}}, {"output", {"yaml"}}},
                                                   SourcesWith({}), false);
  ASSERT_FALSE(options.has_value());
  EXPECT_EQ(options.error().message, "--output: expected one of table, json, found 'yaml'");
}

OptionFault WaitFault(const FlagValues& flags) {
  const auto options = webhook::ReadWaitOptions(flags);
  return options ? OptionFault{0, "none"} : options.error();
}

TEST(WaitOptions, NamesByHandAreRead) {
  const auto options = webhook::ReadWaitOptions(
      {{"folder", {"/sockets"}}, {"socket", {"redis", "kafka"}}, {"timeout", {"1m"}}});
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_EQ(options->folder, "/sockets");
  EXPECT_EQ(options->timeout, std::chrono::seconds(60));
  ASSERT_EQ(options->expected.size(), 2U);
  EXPECT_EQ(options->expected[0].socket, "redis");
  EXPECT_EQ(options->expected[1].socket, "kafka");
}

TEST(WaitOptions, JsonOfTheInjectorIsRead) {
  const auto options = webhook::ReadWaitOptions(
      {{"folder", {"/sockets"}}, {"expect", {R"([{"socket":"redis","soft":true}])"}}});
  ASSERT_TRUE(options.has_value()) << options.error().message;
  EXPECT_EQ(options->timeout, std::chrono::seconds(300));
  ASSERT_EQ(options->expected.size(), 1U);
  EXPECT_TRUE(options->expected[0].soft);
}

TEST(WaitOptions, FolderIsNeeded) {
  const OptionFault fault = WaitFault({{"socket", {"redis"}}});
  EXPECT_EQ(fault.exit_code, 2);
  EXPECT_EQ(fault.message, "--folder: expected an absolute path, found ''");
}

TEST(WaitOptions, OneKindOfExpectationIsNeeded) {
  EXPECT_EQ(WaitFault({{"folder", {"/sockets"}}}).message,
            "either --expect or --socket is needed, and not both");
}

TEST(WaitOptions, BothKindsOfExpectationAreTooMany) {
  EXPECT_EQ(WaitFault({{"folder", {"/s"}}, {"socket", {"a"}}, {"expect", {"[]"}}}).message,
            "either --expect or --socket is needed, and not both");
}

TEST(WaitOptions, ExpectationThatIsNoJsonIsUsage) {
  const OptionFault fault = WaitFault({{"folder", {"/s"}}, {"expect", {"redis"}}});
  EXPECT_EQ(fault.exit_code, 2);
  EXPECT_THAT(fault.message, testing::StartsWith("--expect: offset 0: "));
}

webhook::ClusterAccess Cluster(FlagValues flags, Variables variables = {}) {
  flags.insert({{"filename", {"-"}}, {"from-cluster", {"true"}}});
  const auto options = webhook::ReadInjectOptions(flags, SourcesWith(std::move(variables)));
  EXPECT_TRUE(options.has_value()) << options.error().message;
  return options->cluster.value();
}

TEST(ClusterOptions, KubeconfigFlagWinsOverTheVariable) {
  const auto access = Cluster({{"kubeconfig", {"flag"}}}, {{"KUBECONFIG", "variable"}});
  EXPECT_THAT(access.kubeconfigs, ElementsAre("flag"));
  EXPECT_TRUE(access.is_named);
}

TEST(ClusterOptions, VariableNamesFilesBetweenColons) {
  const auto access = Cluster({{"context", {"dev"}}}, {{"KUBECONFIG", ":a::b/c:"}});
  EXPECT_THAT(access.kubeconfigs, ElementsAre("a", "b/c"));
  EXPECT_TRUE(access.is_named);
  EXPECT_EQ(access.context, "dev");
}

TEST(ClusterOptions, HomesKubeconfigIsOneThatMayBeMissing) {
  const auto access = Cluster({}, {{"HOME", "/home/me"}, {"KUBECONFIG", ""}});
  EXPECT_THAT(access.kubeconfigs, ElementsAre("/home/me/.kube/config"));
  EXPECT_FALSE(access.is_named);
  EXPECT_EQ(access.control_plane_namespace, "dapr-system");
  EXPECT_TRUE(access.asks_version);
}

TEST(ClusterOptions, ContextNeedsAKubeconfig) {
  EXPECT_TRUE(Cluster({{"context", {"dev"}}}, {{"HOME", "/home/me"}}).is_named);
}

TEST(ClusterOptions, VersionThatIsGivenIsNotAsked) {
  EXPECT_FALSE(Cluster({{"kubernetes-version", {"1.30"}}}).asks_version);
}

TEST(ClusterOptions, WithoutTheSwitchThereIsNone) {
  const auto options = webhook::ReadInjectOptions({{"filename", {"-"}}}, SourcesWith({}));
  ASSERT_TRUE(options.has_value());
  EXPECT_FALSE(options->cluster);
}

}  // namespace
}  // namespace injector::test
