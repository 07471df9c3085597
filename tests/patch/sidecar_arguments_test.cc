#include "patch/sidecar_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace injector::test {
namespace {

using patch::BuildSidecarArguments;
using patch::PodAnnotations;
using patch::Settings;
using patch::Surroundings;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

Settings DaprSystem() {
  Settings settings;
  settings.control_plane_namespace = "dapr-system";
  return settings;
}

std::vector<std::string> Build(const PodAnnotations& annotations,
                               const Settings& settings = DaprSystem(),
                               const Surroundings& surroundings = {}) {
  return BuildSidecarArguments("orders", annotations, settings, surroundings);
}

// The argument behind `flag`, "none" when it is not there.
std::string ValueOf(const std::vector<std::string>& arguments, const std::string& flag) {
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == flag) return arguments[i + 1];
  }
  return "none";
}

TEST(BuildSidecarArguments, DefaultsInDaprsOrder) {
  EXPECT_THAT(Build({}),
              ElementsAre("/daprd", "--dapr-http-port", "3500", "--dapr-grpc-port", "50001",
                          "--dapr-internal-grpc-port", "50002", "--dapr-listen-addresses",
                          "[::1],127.0.0.1", "--dapr-public-port", "3501", "--app-id", "orders",
                          "--app-protocol", "http", "--log-level", "info",
                          "--dapr-graceful-shutdown-seconds", "-1", "--mode", "kubernetes",
                          "--control-plane-address", "dapr-api.dapr-system.svc.cluster.local:443",
                          "--sentry-address", "dapr-sentry.dapr-system.svc.cluster.local:443",
                          "--enable-metrics", "--metrics-port", "9090", "--placement-host-address",
                          "dapr-placement-server.dapr-system.svc.cluster.local:50005",
                          "--enable-mtls", "--scheduler-host-address",
                          "dapr-scheduler-server-a.dapr-system.svc.cluster.local:443"));
}

TEST(BuildSidecarArguments, DebugStartsDelve) {
  PodAnnotations annotations;
  annotations.enable_debug = true;
  annotations.debug_port = 40404;
  auto arguments = Build(annotations);
  arguments.resize(11);
  EXPECT_THAT(arguments,
              ElementsAre("/dlv", "--listen", ":40404", "--accept-multiclient", "--headless=true",
                          "--log", "--api-version=2", "exec", "/daprd", "--", "--dapr-http-port"));
}

TEST(BuildSidecarArguments, PresentAndEmptyIsNotAbsent) {
  PodAnnotations annotations;
  annotations.block_shutdown_duration = "";
  annotations.config = "";
  const auto arguments = Build(annotations);
  EXPECT_EQ(ValueOf(arguments, "--dapr-block-shutdown-duration"), "");
  EXPECT_THAT(arguments, Not(Contains("--config")));
  EXPECT_THAT(arguments, Not(Contains("--actors-disseminate-timeout")));
}

TEST(BuildSidecarArguments, ApiLoggingIsOneElement) {
  PodAnnotations annotations;
  annotations.enable_api_logging = false;
  EXPECT_THAT(Build(annotations), Contains("--enable-api-logging=false"));
  annotations.enable_api_logging = true;
  EXPECT_THAT(Build(annotations), Contains("--enable-api-logging=true"));
}

TEST(BuildSidecarArguments, MtlsOffDropsOneArgument) {
  auto expected = Build({});
  std::erase(expected, "--enable-mtls");
  Surroundings surroundings;
  surroundings.mtls_enabled = false;
  EXPECT_EQ(Build({}, DaprSystem(), surroundings), expected);
}

TEST(BuildSidecarArguments, BlankPlacementTurnsItOff) {
  PodAnnotations annotations;
  annotations.placement_host_address = "";
  EXPECT_THAT(Build(annotations), Not(Contains("--placement-host-address")));
}

TEST(BuildSidecarArguments, PlacementOfThePodCountsWithActorsDisabled) {
  Settings settings = DaprSystem();
  settings.actors_enabled = false;
  EXPECT_THAT(Build({}, settings), Not(Contains("--placement-host-address")));
  PodAnnotations annotations;
  annotations.placement_host_address = "placement.example:1";
  EXPECT_EQ(ValueOf(Build(annotations, settings), "--placement-host-address"),
            "placement.example:1");
}

TEST(BuildSidecarArguments, OtherActorsServiceHasItsOwnArgument) {
  Settings settings = DaprSystem();
  settings.actors = {"actors-v2", "actors-api", 50007};
  EXPECT_EQ(ValueOf(Build({}, settings), "--actors-service"),
            "actors-v2:actors-api.dapr-system.svc.cluster.local:50007");
  EXPECT_THAT(Build({}, settings), Not(Contains("--placement-host-address")));
  PodAnnotations annotations;
  annotations.placement_host_address = "placement.example:1";
  EXPECT_THAT(Build(annotations, settings), Not(Contains("--actors-service")));
}

TEST(BuildSidecarArguments, RemindersNamedDefaultGiveNoArgument) {
  Settings settings = DaprSystem();
  settings.reminders = {"default", "", 0};
  EXPECT_THAT(Build({}, settings), Not(Contains("--reminders-service")));
  settings.reminders = {"reminders", "dapr-reminders", 50010};
  EXPECT_EQ(ValueOf(Build({}, settings), "--reminders-service"),
            "reminders:dapr-reminders.dapr-system.svc.cluster.local:50010");
}

TEST(BuildSidecarArguments, BlankSchedulerIsPassedOn) {
  Settings settings = DaprSystem();
  settings.scheduler_enabled = false;
  EXPECT_THAT(Build({}, settings), Not(Contains("--scheduler-host-address")));
  PodAnnotations annotations;
  annotations.scheduler_host_address = "";
  EXPECT_EQ(ValueOf(Build(annotations), "--scheduler-host-address"), "");
}

}  // namespace
}  // namespace injector::test
