// Options of `serve` on its certificate in a cluster, and on Components that are written.

#include <gtest/gtest.h>

#include "tests/support/scripted_environment.h"
#include "webhook/cli/options.h"

namespace injector::test {
namespace {

using webhook::CertificateSource;
using webhook::FlagValues;
using webhook::ServeOptions;
using Variables = std::map<std::string, std::string, std::less<>>;

webhook::OptionResult<ServeOptions> Read(const FlagValues& flags, Variables variables = {}) {
  variables.insert({{"SIDECAR_IMAGE", "daprd:1"}, {"NAMESPACE", "dapr-system"}});
  return webhook::ReadServeOptions(flags, {EnvironmentOf(std::move(variables)), "", "wait:1"});
}

ServeOptions Serve(const FlagValues& flags, Variables variables = {}) {
  const auto options = Read(flags, std::move(variables));
  EXPECT_TRUE(options.has_value()) << options.error().message;
  return options.value_or(ServeOptions());
}

TEST(OwnCertificateOptions, ClusterHasAnOwnCertificate) {
  const ServeOptions options = Serve({});
  EXPECT_EQ(options.certificate_source, CertificateSource::kOwn);
  EXPECT_EQ(options.own_certificate.mutating_name, "dapr-sidecar-injector");
  EXPECT_EQ(options.own_certificate.validating_name, "");
  EXPECT_EQ(options.own_certificate.service.name, "dapr-sidecar-injector");
  EXPECT_EQ(options.own_certificate.service.namespace_name, "dapr-system");
  EXPECT_EQ(options.own_certificate.pod_name, "");
  EXPECT_EQ(options.own_certificate.lifetime, std::chrono::hours(7 * 24));
}

TEST(OwnCertificateOptions, VariablesNameTheObjects) {
  const ServeOptions options = Serve({{"serving-certificate-lifetime", {"90s"}}},
                                     {{"WEBHOOK_CONFIGURATION_NAME", "mine"},
                                      {"VALIDATING_WEBHOOK_CONFIGURATION_NAME", "components.mine"},
                                      {"WEBHOOK_SERVICE_NAME", "injector"},
                                      {"POD_NAMESPACE", "platform"},
                                      {"HOSTNAME", "host"},
                                      {"POD_NAME", "injector-0"}});
  EXPECT_EQ(options.own_certificate.mutating_name, "mine");
  EXPECT_EQ(options.own_certificate.validating_name, "components.mine");
  EXPECT_EQ(options.own_certificate.service.name, "injector");
  EXPECT_EQ(options.own_certificate.service.namespace_name, "platform");
  EXPECT_EQ(options.own_certificate.pod_name, "injector-0");
  EXPECT_EQ(options.own_certificate.lifetime, std::chrono::seconds(90));
}

TEST(OwnCertificateOptions, HostIsThePodWhereNobodySaysMore) {
  EXPECT_EQ(Serve({}, {{"HOSTNAME", "injector-1"}}).own_certificate.pod_name, "injector-1");
}

TEST(OwnCertificateOptions, FilesWinInAClusterToo) {
  const ServeOptions options =
      Serve({{"tls-cert-file", {"tls.crt"}}, {"tls-private-key-file", {"tls.key"}}});
  EXPECT_EQ(options.certificate_source, CertificateSource::kFiles);
}

TEST(OwnCertificateOptions, FilesDoNotGoWithAnOwnCertificate) {
  const auto options = Read({{"serving-certificate", {"own"}},
                             {"tls-cert-file", {"tls.crt"}},
                             {"tls-private-key-file", {"tls.key"}}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().exit_code, 2);
  EXPECT_EQ(options.error().message, "--serving-certificate own: takes no certificate files");
}

TEST(OwnCertificateOptions, WithoutAClusterThereIsNone) {
  const auto options = Read({{"serving-certificate", {"own"}}, {"resources", {"components"}}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().exit_code, 2);
  EXPECT_EQ(options.error().message,
            "--serving-certificate own: is published in a cluster, and --resources uses none");
}

TEST(OwnCertificateOptions, NameThatNoObjectHasIsAFaultOfTheStart) {
  for (const char* variable :
       {"WEBHOOK_CONFIGURATION_NAME", "VALIDATING_WEBHOOK_CONFIGURATION_NAME",
        "WEBHOOK_SERVICE_NAME", "POD_NAMESPACE", "POD_NAME"}) {
    const auto options = Read({}, {{variable, "../secrets"}});
    ASSERT_FALSE(options) << variable;
    EXPECT_EQ(options.error().exit_code, 1);
    EXPECT_EQ(options.error().message,
              std::string(variable) + ": expected the name of an object, found '../secrets'");
  }
}

TEST(OwnCertificateOptions, LifetimeBelowAMinuteIsUsage) {
  const auto options = Read({{"serving-certificate-lifetime", {"59s"}}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().exit_code, 2);
}

TEST(OwnCertificateOptions, LifetimeIsAMonthAtMost) {
  const auto lifetime = [](const std::string& text) {
    return Serve({{"serving-certificate-lifetime", {text}}}).own_certificate.lifetime;
  };
  EXPECT_EQ(lifetime("168h"), std::chrono::hours(168)) << "the default";
  EXPECT_EQ(lifetime("720h"), std::chrono::hours(720));
  const auto options = Read({{"serving-certificate-lifetime", {"721h"}}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().exit_code, 2);
  EXPECT_EQ(options.error().message,
            "--serving-certificate-lifetime: expected a time such as 15s or 1m30s, at most 720h, "
            "found '721h'");
}

TEST(ComponentValidationOption, IsReadAndWarnsByDefault) {
  using webhook::ComponentValidation;
  EXPECT_EQ(Serve({}).component_validation, ComponentValidation::kWarn);
  EXPECT_EQ(Serve({{"component-validation", {"deny"}}}).component_validation,
            ComponentValidation::kDeny);
  EXPECT_EQ(Serve({{"component-validation", {"off"}}}).component_validation,
            ComponentValidation::kOff);
}

TEST(ComponentValidationOption, OtherWordIsUsage) {
  const auto options = Read({{"component-validation", {"maybe"}}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().exit_code, 2);
}

}  // namespace
}  // namespace injector::test
