#include "webhook/health.h"

#include <gtest/gtest.h>

namespace injector::test {
namespace {

using webhook::Health;
using webhook::HttpRequest;

TEST(Health, ReadyOnlyWhenEveryCheckIs) {
  Health health;
  health.Add(webhook::kInjectorService);
  health.Add(webhook::kHealthzServer);
  EXPECT_FALSE(health.Ready());
  health.Set(webhook::kInjectorService, true);
  EXPECT_FALSE(health.Ready());
  health.Set(webhook::kHealthzServer, true);
  EXPECT_TRUE(health.Ready());
  health.Set(webhook::kInjectorService, false);
  EXPECT_FALSE(health.Ready());
}

TEST(Health, AddingACheckAgainKeepsItsState) {
  Health health;
  health.Set(webhook::kInjectorService, true);
  health.Add(webhook::kInjectorService);
  EXPECT_TRUE(health.Ready());
}

TEST(Health, DrainingIsNotReady) {
  Health health;
  health.Set(webhook::kInjectorService, true);
  health.StartDraining();
  EXPECT_FALSE(health.Ready());
}

TEST(Health, FirstReadinessIsToldOnce) {
  Health health;
  int told = 0;
  health.OnReady([&told] { ++told; });
  health.Add(webhook::kHealthzServer);
  health.Set(webhook::kInjectorService, true);
  EXPECT_EQ(told, 0);
  health.Set(webhook::kHealthzServer, true);
  EXPECT_EQ(told, 1);
  health.Set(webhook::kHealthzServer, false);
  health.Set(webhook::kHealthzServer, true);
  EXPECT_EQ(told, 1);
}

TEST(Health, NoteShowsInTheReportAndStaysReady) {
  Health health;
  health.Set(webhook::kInjectorService, true, "127.0.0.1:4000");
  health.Note("resources", "components.yaml:3:1 cannot be read, the last good set is used");
  EXPECT_TRUE(health.Ready());
  EXPECT_EQ(health.Report(),
            "[ok]        injector-service: 127.0.0.1:4000\n"
            "[note]      resources: components.yaml:3:1 cannot be read, the last good set is used\n"
            "ready\n");
  health.Note("resources", "");
  EXPECT_EQ(health.Report(), "[ok]        injector-service: 127.0.0.1:4000\nready\n");
}

TEST(HealthHandlers, HealthzIsEmptyInBothStates) {
  Health health;
  webhook::HealthzHandler handler(health);
  health.Add(webhook::kInjectorService);
  EXPECT_EQ(handler.Handle(HttpRequest{}).status, 503);
  EXPECT_EQ(handler.Handle(HttpRequest{}).body, "");
  health.Set(webhook::kInjectorService, true);
  EXPECT_EQ(handler.Handle(HttpRequest{}).status, 200);
  EXPECT_EQ(handler.Handle(HttpRequest{}).body, "");
}

TEST(HealthHandlers, ReadyzSaysWhatIsMissing) {
  Health health;
  webhook::ReadyzHandler handler(health);
  health.Set(webhook::kSecurityProvider, false, "no certificate yet");
  const auto reply = handler.Handle(HttpRequest{});
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "[not ready] security-provider: no certificate yet\nnot ready\n");
}

TEST(HealthHandlers, LivezDoesNotAskTheChecks) {
  Health health;
  health.Add(webhook::kInjectorService);
  webhook::LivezHandler handler;
  EXPECT_EQ(handler.Handle(HttpRequest{}).status, 200);
}

}  // namespace
}  // namespace injector::test
