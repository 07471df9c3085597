#include "webhook/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "webhook/version.h"

namespace injector::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using webhook::InjectionFailure;
using webhook::Metrics;

TEST(Metrics, SeriesAppearWithTheirFirstIncrement) {
  Metrics metrics;
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("dapr_injector")));
  metrics.RequestReceived();
  EXPECT_THAT(metrics.Render(),
              AllOf(HasSubstr("# TYPE dapr_injector_sidecar_injection_requests_total counter\n"),
                    HasSubstr("\ndapr_injector_sidecar_injection_requests_total 1\n")));
}

TEST(Metrics, RefusalsAreAnswersToo) {
  Metrics metrics;
  metrics.Refused(503);
  EXPECT_THAT(metrics.Render(),
              AllOf(HasSubstr("\ncomponent_injector_http_responses_total{code=\"503\"} 1\n"),
                    HasSubstr("\ncomponent_injector_admission_duration_seconds_count 0\n"),
                    HasSubstr("\ncomponent_injector_admissions_in_flight 0\n")));
}

TEST(Metrics, SucceededCarriesTheAppId) {
  Metrics metrics;
  metrics.InjectionSucceeded("orders");
  metrics.InjectionSucceeded("orders");
  EXPECT_THAT(
      metrics.Render(),
      HasSubstr("\ndapr_injector_sidecar_injection_succeeded_total{app_id=\"orders\"} 2\n"));
}

TEST(Metrics, EmptyAppIdIsALabelToo) {
  Metrics metrics;
  metrics.InjectionFailed("", InjectionFailure::kPatch);
  EXPECT_THAT(metrics.Render(), HasSubstr("\ndapr_injector_sidecar_injection_failed_total{app_id="
                                          "\"\",reason=\"patch\"} 1\n"));
}

TEST(Metrics, FailureReasonsHaveDaprsNames) {
  Metrics metrics;
  metrics.InjectionFailed("a", InjectionFailure::kPodPatch);
  metrics.InjectionFailed("a", InjectionFailure::kResponse);
  metrics.InjectionFailed("a", InjectionFailure::kWriteResponse);
  EXPECT_THAT(metrics.Render(),
              AllOf(HasSubstr("reason=\"pod_patch\"} 1\n"), HasSubstr("reason=\"response\"} 1\n"),
                    HasSubstr("reason=\"write_response\"} 1\n")));
}

TEST(Metrics, ApiCallsCarryVerbResourceAndCode) {
  Metrics metrics;
  metrics.ApiCalled("list", "components", 200);
  metrics.ApiCalled("list", "components", 200);
  metrics.ApiCalled("watch", "components", 0);
  EXPECT_THAT(metrics.Render(),
              AllOf(HasSubstr("\ncomponent_injector_api_requests_total{code=\"200\",resource="
                              "\"components\",verb=\"list\"} 2\n"),
                    HasSubstr("\ncomponent_injector_api_requests_total{code=\"error\",resource="
                              "\"components\",verb=\"watch\"} 1\n")));
}

TEST(Metrics, ClusterEventsAreCounted) {
  Metrics metrics;
  metrics.CacheRelisted();
  metrics.CacheFailed();
  metrics.LiveListed(true);
  metrics.LiveListed(false);
  metrics.ServedStale();
  EXPECT_THAT(metrics.Render(),
              AllOf(HasSubstr("\ncomponent_injector_cache_relists_total 1\n"),
                    HasSubstr("\ncomponent_injector_cache_errors_total 1\n"),
                    HasSubstr("\ncomponent_injector_live_lists_total{result=\"success\"} 1\n"),
                    HasSubstr("\ncomponent_injector_live_lists_total{result=\"failure\"} 1\n"),
                    HasSubstr("\ncomponent_injector_served_stale_total 1\n")));
}

TEST(Metrics, SampledValueIsThatOfTheMoment) {
  Metrics metrics;
  double value = 1.5;
  metrics.AddSampled("some_age_seconds", "An age.", [&value] { return value; });
  EXPECT_THAT(metrics.Render(), HasSubstr("\n# TYPE some_age_seconds gauge\nsome_age_seconds 1.5"));
  value = 2.5;
  EXPECT_THAT(metrics.Render(), HasSubstr("\nsome_age_seconds 2.5"));
}

TEST(Metrics, SampledTotalIsACounter) {
  Metrics metrics;
  metrics.AddSampled("some_things_total", "Things.", [] { return 3.0; });
  EXPECT_THAT(metrics.Render(), HasSubstr("\n# TYPE some_things_total counter\n"));
}

TEST(Metrics, AppIdsBeyondTheLimitCountAsOther) {
  Metrics metrics;
  for (int i = 0; i < Metrics::kMaxAppIds + 5; ++i) {
    metrics.InjectionSucceeded("app-" + std::to_string(i));
  }
  metrics.InjectionSucceeded("app-0");
  const std::string page = metrics.Render();
  EXPECT_THAT(page, HasSubstr("succeeded_total{app_id=\"other\"} 5\n"));
  EXPECT_THAT(page, HasSubstr("succeeded_total{app_id=\"app-0\"} 2\n"));
  EXPECT_THAT(page, Not(HasSubstr("app-1000")));
}

TEST(Metrics, HugeAppIdCountsAsOther) {
  Metrics metrics;
  metrics.InjectionFailed(std::string(1000, 'x'), InjectionFailure::kPatch);
  EXPECT_THAT(metrics.Render(), HasSubstr("failed_total{app_id=\"other\",reason=\"patch\"} 1\n"));
}

TEST(Metrics, AppIdCannotForgeALine) {
  Metrics metrics;
  metrics.InjectionSucceeded("a\"} 1\nforged 2");
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("\nforged")));
}

TEST(Metrics, DecisionsAreCountedByReason) {
  Metrics metrics;
  metrics.Decided({{patch::Reason::kPodInjected, "", ""},
                   {patch::Reason::kComponentOutOfScope, "a", ""},
                   {patch::Reason::kComponentOutOfScope, "b", ""}});
  EXPECT_THAT(
      metrics.Render(),
      AllOf(HasSubstr("\ncomponent_injector_decisions_total{reason=\"pod/injected\"} 1\n"),
            HasSubstr(
                "\ncomponent_injector_decisions_total{reason=\"component/out-of-scope\"} 2\n")));
}

TEST(Metrics, AnswersFillTheHistogramFrom50Microseconds) {
  Metrics metrics;
  metrics.Answered(200, 40us);
  metrics.Answered(200, 60us);
  metrics.Answered(413, 2s);
  EXPECT_THAT(
      metrics.Render(),
      AllOf(
          HasSubstr("\ncomponent_injector_http_responses_total{code=\"200\"} 2\n"),
          HasSubstr("\ncomponent_injector_http_responses_total{code=\"413\"} 1\n"),
          HasSubstr("\ncomponent_injector_admission_duration_seconds_count 3\n"),
          HasSubstr("\ncomponent_injector_admission_duration_seconds_bucket{le=\"5e-05\"} 1\n"),
          HasSubstr("\ncomponent_injector_admission_duration_seconds_bucket{le=\"0.0001\"} 2\n")));
}

TEST(Metrics, ReloadsAndExceptionsAreCounted) {
  Metrics metrics;
  metrics.Reloaded("certificate", true);
  metrics.Reloaded("resources", false);
  metrics.HandlerThrew();
  EXPECT_THAT(metrics.Render(),
              AllOf(HasSubstr("\ncomponent_injector_reloads_total{result=\"success\",what="
                              "\"certificate\"} 1\n"),
                    HasSubstr("\ncomponent_injector_reloads_total{result=\"failure\",what="
                              "\"resources\"} 1\n"),
                    HasSubstr("\ncomponent_injector_handler_exceptions_total 1\n")));
}

TEST(Metrics, PageTellsVersionAndProcess) {
  EXPECT_THAT(Metrics().Render(),
              AllOf(HasSubstr("\ncomponent_injector_build_info{version=\"" +
                              std::string(webhook::Version()) + "\"} 1\n"),
                    HasSubstr("\nprocess_resident_memory_bytes "),
                    HasSubstr("\nprocess_cpu_seconds_total "), HasSubstr("\nprocess_open_fds "),
                    HasSubstr("\nprocess_start_time_seconds ")));
}

TEST(Metrics, ThreadsTogetherLoseNothing) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      for (int j = 0; j < 1000; ++j) {
        metrics.RequestReceived();
        metrics.InjectionSucceeded("app-" + std::to_string(j % 10));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Render(), AllOf(HasSubstr("requests_total 4000\n"),
                                      HasSubstr("succeeded_total{app_id=\"app-3\"} 400\n")));
}

TEST(MetricsHandler, AnswersInPrometheusTextFormat) {
  Metrics metrics;
  webhook::MetricsHandler handler(metrics);
  const auto reply = handler.Handle({});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(reply.body, HasSubstr("component_injector_build_info"));
}

}  // namespace
}  // namespace injector::test
