#include "patch/annotations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/decision_names.h"

namespace injector::test {
namespace {

using patch::AnnotationList;
using patch::InitPosition;
using patch::ParsePodAnnotations;
using patch::Placement;
using patch::PodAnnotations;
using patch::ReadGate;
using patch::Settings;
using testing::ElementsAre;
using testing::IsEmpty;

const Settings kSettings;

PodAnnotations Parse(const AnnotationList& annotations) {
  return ParsePodAnnotations(annotations, kSettings);
}

std::vector<std::string> FaultsOf(const PodAnnotations& parsed) {
  std::vector<std::string> texts;
  for (const auto& fault : parsed.faults) texts.push_back(fault.text);
  return texts;
}

TEST(ReadGate, OnlyTheWordTrueOptsIn) {
  EXPECT_TRUE(ReadGate({{"dapr.io/enabled", "true"}}).enabled);
  EXPECT_TRUE(ReadGate({{"dapr.io/enabled", "TRUE"}}).enabled);
  EXPECT_FALSE(ReadGate({{"dapr.io/enabled", "false"}}).enabled);
  EXPECT_FALSE(ReadGate({{"dapr.io/enabled", ""}}).enabled);
  EXPECT_FALSE(ReadGate({}).enabled);
}

TEST(ReadGate, OtherWordsForTrueAreToldApart) {
  for (const char* text : {"yes", "1", "on", " true", "true ", " yes", "T"}) {
    const auto gate = ReadGate({{"dapr.io/enabled", text}});
    EXPECT_FALSE(gate.enabled) << text;
    EXPECT_TRUE(gate.enabled_spelling) << text;
  }
  EXPECT_FALSE(ReadGate({{"dapr.io/enabled", "true"}}).enabled_spelling);
  EXPECT_FALSE(ReadGate({{"dapr.io/enabled", "enabled"}}).enabled_spelling);
}

TEST(ParsePodAnnotations, WithoutAnnotationsDefaultsApply) {
  const PodAnnotations parsed = Parse({});
  EXPECT_EQ(parsed.app_port, 0);
  EXPECT_EQ(parsed.app_protocol, "http");
  EXPECT_EQ(parsed.log_level, "info");
  EXPECT_TRUE(parsed.enable_metrics);
  EXPECT_EQ(parsed.grpc_port, 50001);
  EXPECT_EQ(parsed.internal_grpc_port, 50002);
  EXPECT_EQ(parsed.metrics_port, 9090);
  EXPECT_EQ(parsed.graceful_shutdown_seconds, -1);
  EXPECT_EQ(parsed.listen_addresses, "[::1],127.0.0.1");
  EXPECT_EQ(parsed.sockets_folder, "/tmp/dapr-components-sockets");
  EXPECT_EQ(parsed.placement_host_address, std::nullopt);
  EXPECT_EQ(parsed.enable_api_logging, std::nullopt);
  EXPECT_THAT(parsed.faults, IsEmpty());
}

TEST(ParsePodAnnotations, OfRepeatedKeysTheLastCounts) {
  const PodAnnotations parsed = Parse(
      {{"dapr.io/app-port", "ten"}, {"dapr.io/log-level", "debug"}, {"dapr.io/app-port", "8080"}});
  EXPECT_EQ(parsed.app_port, 8080);
  EXPECT_THAT(parsed.faults, IsEmpty());
}

TEST(ParsePodAnnotations, FaultNamesKeyValueAndWhatWasExpected) {
  const PodAnnotations parsed = Parse({{"dapr.io/metrics-port", "70000"}});
  EXPECT_EQ(parsed.metrics_port, 9090);
  EXPECT_THAT(FaultsOf(parsed), ElementsAre("dapr.io/metrics-port: \"70000\" is ignored; expected "
                                            "a port from 1 to 65535"));
  EXPECT_THAT(NamesOf(parsed.faults), ElementsAre("annotation/invalid-value"));
}

TEST(ParsePodAnnotations, LongValueIsCutBetweenCharacters) {
  const std::string value = std::string(47, 'x') + "\u00e4" + std::string(100, 'x');
  const PodAnnotations parsed = Parse({{"dapr.io/app-ssl", value}});
  EXPECT_THAT(FaultsOf(parsed), ElementsAre("dapr.io/app-ssl: \"" + std::string(47, 'x') +
                                            "...\" counts as false; expected true or false"));
}

TEST(ParsePodAnnotations, BadAmountCostsNoOther) {
  const PodAnnotations parsed = Parse({{"dapr.io/sidecar-cpu-limit", "1GB"},
                                       {"dapr.io/sidecar-cpu-request", "100m"},
                                       {"dapr.io/sidecar-memory-limit", "-1"},
                                       {"dapr.io/sidecar-memory-request", "64Mi"}});
  EXPECT_EQ(parsed.cpu_limit, "");
  EXPECT_EQ(parsed.cpu_request, "100m");
  EXPECT_EQ(parsed.memory_limit, "");
  EXPECT_EQ(parsed.memory_request, "64Mi");
  EXPECT_EQ(parsed.faults.size(), 2U);
}

TEST(ParsePodAnnotations, RequestAboveItsLimitIsDropped) {
  const PodAnnotations parsed = Parse(
      {{"dapr.io/sidecar-memory-limit", "0.5Gi"}, {"dapr.io/sidecar-memory-request", "513Mi"}});
  EXPECT_EQ(parsed.memory_limit, "0.5Gi");
  EXPECT_EQ(parsed.memory_request, "");
  EXPECT_THAT(FaultsOf(parsed), ElementsAre("dapr.io/sidecar-memory-request: \"513Mi\" is ignored; "
                                            "expected no more than the limit 0.5Gi"));
}

TEST(ParsePodAnnotations, MountsKeepTheirOrderReadOnlyOnesFirst) {
  const PodAnnotations parsed = Parse(
      {{"dapr.io/volume-mounts-rw", "cache:/cache"}, {"dapr.io/volume-mounts", "a:/a, b:/b"}});
  std::vector<std::string> mounts;
  for (const auto& mount : parsed.mounts) {
    mounts.push_back(mount.volume + mount.path + (mount.read_only ? " ro" : " rw"));
  }
  EXPECT_THAT(mounts, ElementsAre("a/a ro", "b/b ro", "cache/cache rw"));
}

TEST(ParsePodAnnotations, MountThatIsNoneIsSkipped) {
  const PodAnnotations parsed = Parse({{"dapr.io/volume-mounts", "a,b:c,d:/d:ro, ,e:/e"}});
  ASSERT_EQ(parsed.mounts.size(), 1U);
  EXPECT_EQ(parsed.mounts[0].path, "/e");
  EXPECT_THAT(NamesOf(parsed.faults),
              ElementsAre("pod/mount-skipped", "pod/mount-skipped", "pod/mount-skipped"));
}

TEST(ParsePodAnnotations, SecretThatCannotBeIsLeftOut) {
  const PodAnnotations parsed =
      Parse({{"dapr.io/env-from-secret", "A=a:b:c,B=Upper,C=good:key,D=good:bad key"}});
  ASSERT_EQ(parsed.env_from_secret.size(), 1U);
  EXPECT_EQ(parsed.env_from_secret[0].name, "C");
  EXPECT_THAT(
      NamesOf(parsed.faults),
      ElementsAre("pod/env-secret-invalid", "pod/env-secret-invalid", "pod/env-secret-invalid"));
}

TEST(ParsePodAnnotations, OurAnnotationsWinOverTheSettings) {
  Settings settings;
  settings.ordering.placement = Placement::kContainer;
  settings.ordering.wait = false;
  const AnnotationList annotations = {{"component-injector.dapr.io/component-placement", "sidecar"},
                                      {"component-injector.dapr.io/init-position", "first"},
                                      {"component-injector.dapr.io/component-wait", "on"},
                                      {"component-injector.dapr.io/wait-timeout", "5m"},
                                      {"component-injector.dapr.io/after", "proxy, secrets"},
                                      {"component-injector.dapr.io/require", "redis-store"}};
  const PodAnnotations parsed = ParsePodAnnotations(annotations, settings);
  EXPECT_EQ(parsed.ordering.placement, Placement::kSidecar);
  EXPECT_EQ(parsed.ordering.init_position, InitPosition::kFirst);
  EXPECT_TRUE(parsed.ordering.wait);
  EXPECT_EQ(parsed.ordering.wait_timeout, "5m");
  EXPECT_THAT(parsed.after, ElementsAre("proxy", "secrets"));
  EXPECT_THAT(parsed.require, ElementsAre("redis-store"));
}

TEST(ParsePodAnnotations, WordThatIsNoneOfOursKeepsTheSetting) {
  Settings settings;
  settings.ordering.placement = Placement::kContainer;
  const AnnotationList annotations = {
      {"component-injector.dapr.io/component-placement", "Sidecar"}};
  const PodAnnotations parsed = ParsePodAnnotations(annotations, settings);
  EXPECT_EQ(parsed.ordering.placement, Placement::kContainer);
  EXPECT_THAT(FaultsOf(parsed),
              ElementsAre("component-injector.dapr.io/component-placement: \"Sidecar\" is ignored; "
                          "expected auto, sidecar or container"));
}

TEST(ParsePodAnnotations, KeysUnderOurPrefixThatDoNotExistAreFaults) {
  const PodAnnotations parsed = Parse({{"component-injector.dapr.io/requires", "redis"},
                                       {"component-injector.dapr.io/status", "{}"},
                                       {"dapr.io/something-new", "1"}});
  EXPECT_THAT(FaultsOf(parsed), ElementsAre("component-injector.dapr.io/requires is no annotation "
                                            "of a pod: misspelt?"));
}

TEST(ParsePodAnnotations, NativeSidecarIsTheSettingsUnlessAnnotated) {
  Settings settings;
  settings.native_sidecar = true;
  EXPECT_TRUE(ParsePodAnnotations({}, settings).native_sidecar);
  EXPECT_FALSE(
      ParsePodAnnotations({{"dapr.io/enable-native-sidecar", "false"}}, settings).native_sidecar);
}

}  // namespace
}  // namespace injector::test
