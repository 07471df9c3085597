#include "webhook/control_plane_watch.h"

#include <gmock/gmock.h>

#include "tests/support/fake_transport.h"

namespace injector::test {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using webhook::ControlPlaneWatch;
using webhook::LogLevel;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr const char* kVersion36 = R"({"major": "1", "minor": "36+"})";
constexpr const char* kMtlsOff = R"({"spec": {"mtls": {"enabled": false}}})";
constexpr const char* kMtlsOn = R"({"spec": {"mtls": {"enabled": true}}})";

class ControlPlaneWatchTest : public ::testing::Test {
 protected:
  ControlPlaneWatch Make(webhook::ControlPlaneOptions options = {"dapr-system"}) {
    return {client_, std::move(options), surroundings_, uids_,
            [this](const webhook::ControlPlaneReport& report) {
              told_.push_back(report.message);
              levels_.push_back(report.level);
              if (report.note) note_ = *report.note;
            }};
  }

  [[nodiscard]] bool Mtls() const { return surroundings_.Current()->mtls_enabled; }
  [[nodiscard]] std::optional<int> Minor() const { return surroundings_.Current()->server_minor; }

  FakeTransport transport_;
  k8s::Client client_{transport_};
  webhook::FileSurroundings surroundings_{webhook::CommonOptions{},
                                          webhook::MissingTrustAnchors::kNothing};
  webhook::AllowedUids uids_;
  std::vector<std::string> told_;
  std::vector<webhook::LogLevel> levels_;
  std::string note_ = "none yet";
  const TimePoint start_{std::chrono::hours(1)};
};

TEST_F(ControlPlaneWatchTest, FirstRoundAsksForMtlsAndVersion) {
  transport_.Answer(200, kMtlsOff);
  transport_.Answer(200, kVersion36);
  auto watch = Make();
  EXPECT_FALSE(watch.IsAnswered());
  EXPECT_EQ(watch.AskAt(start_), start_ + seconds(30));
  EXPECT_TRUE(watch.IsAnswered());
  EXPECT_FALSE(Mtls());
  EXPECT_EQ(Minor(), 36);
  EXPECT_EQ(transport_.Requests().at(0).path,
            "/apis/dapr.io/v1alpha1/namespaces/dapr-system/configurations/daprsystem");
  EXPECT_EQ(transport_.Requests().at(1).path, "/version");
  EXPECT_THAT(told_, ElementsAre("mTLS off: by the Configuration daprsystem in dapr-system",
                                 "the API server is Kubernetes 1.36"));
}

TEST_F(ControlPlaneWatchTest, MtlsIsAskedEvery30SecondsAndTheVersionEveryHour) {
  transport_.Answer(200, kMtlsOn);
  transport_.Answer(200, kVersion36);
  transport_.Answer(200, kMtlsOff);
  auto watch = Make();
  watch.AskAt(start_);
  watch.AskAt(start_ + seconds(29));
  EXPECT_EQ(transport_.Requests().size(), 2U);
  watch.AskAt(start_ + seconds(30));
  EXPECT_EQ(transport_.Requests().size(), 3U);
  EXPECT_FALSE(Mtls());
  transport_.Answer(200, kMtlsOff);
  transport_.Answer(200, R"({"minor": "37"})");
  watch.AskAt(start_ + seconds(3600));
  EXPECT_EQ(Minor(), 37);
}

TEST_F(ControlPlaneWatchTest, AnythingButFalseIsMtlsOn) {
  for (const char* text : {"{}", R"({"spec": {}})", R"({"spec": {"mtls": {}}})",
                           R"({"spec": {"mtls": {"enabled": "false"}}})", R"({"spec": 5})"}) {
    surroundings_.SetMtls(false);
    transport_.Answer(200, text);
    transport_.Answer(200, kVersion36);
    Make().AskAt(start_);
    EXPECT_TRUE(Mtls()) << text;
  }
}

TEST_F(ControlPlaneWatchTest, RefusalIsMtlsOn) {
  for (const int status : {404, 403, 400}) {
    surroundings_.SetMtls(false);
    transport_.Answer(status, "{}");
    transport_.Answer(200, kVersion36);
    auto watch = Make();
    watch.AskAt(start_);
    EXPECT_TRUE(Mtls()) << status;
    EXPECT_TRUE(watch.IsAnswered()) << status;
  }
}

TEST_F(ControlPlaneWatchTest, LastAnswerStaysWhileTheServerIsAway) {
  transport_.Answer(200, kMtlsOff);
  transport_.Answer(200, kVersion36);
  auto watch = Make();
  watch.AskAt(start_);
  transport_.Fail(k8s::ApiErrorKind::kUnreachable, "connection refused");
  EXPECT_EQ(watch.AskAt(start_ + seconds(30)), start_ + seconds(35)) << "sooner than usual";
  EXPECT_FALSE(Mtls());
}

TEST_F(ControlPlaneWatchTest, ServerThatIsAwayAtFirstIsNoAnswer) {
  transport_.Answer(503, "{}");
  transport_.Answer(503, "{}");
  auto watch = Make();
  EXPECT_EQ(watch.AskAt(start_), start_ + seconds(5));
  EXPECT_FALSE(watch.IsAnswered());
  EXPECT_TRUE(Mtls());
  transport_.Answer(404, "{}");
  transport_.Answer(200, kVersion36);
  watch.AskAt(start_ + seconds(5));
  EXPECT_TRUE(watch.IsAnswered());
}

TEST_F(ControlPlaneWatchTest, ServerThatOnlyFailsIsNotWaitedForLongerThan30Seconds) {
  auto watch = Make();
  for (int i = 0; i < 4; ++i) transport_.Answer(500, "{}");
  watch.AskAt(start_);
  watch.AskAt(start_ + seconds(29));
  EXPECT_FALSE(watch.IsAnswered());
  watch.AskAt(start_ + seconds(30));
  EXPECT_TRUE(watch.IsAnswered());
  EXPECT_TRUE(Mtls());
  EXPECT_EQ(Minor(), std::nullopt);
}

TEST_F(ControlPlaneWatchTest, VersionThatIsGivenIsNotAskedFor) {
  transport_.Answer(200, kMtlsOn);
  surroundings_.SetServerMinor(31);
  auto watch = Make({"dapr-system", /*asks_version=*/false});
  watch.AskAt(start_);
  EXPECT_TRUE(watch.IsAnswered());
  EXPECT_EQ(transport_.Requests().size(), 1U);
  EXPECT_EQ(Minor(), 31);
}

TEST_F(ControlPlaneWatchTest, VersionThatMeansNothingIsUnknown) {
  transport_.Answer(200, kMtlsOn);
  transport_.Answer(200, R"({"minor": 36})");
  auto watch = Make();
  watch.AskAt(start_);
  EXPECT_TRUE(watch.IsAnswered());
  EXPECT_EQ(Minor(), std::nullopt);
  EXPECT_THAT(told_.back(), HasSubstr("no minor version"));
}

TEST_F(ControlPlaneWatchTest, ForbiddenConfigurationNamesTheRuleOnce) {
  auto watch = Make({"dapr-system", /*asks_version=*/false});
  transport_.Answer(403, R"({"message": "may not"})");
  transport_.Answer(403, R"({"message": "may not"})");
  watch.AskAt(start_);
  watch.AskAt(start_ + seconds(30));
  EXPECT_THAT(told_,
              ElementsAre(HasSubstr("403 may not; add to the rules of the injector's Role in "
                                    "namespace dapr-system: - {apiGroups: [dapr.io], resources: "
                                    "[configurations], resourceNames: [daprsystem], verbs: [get]}"),
                          HasSubstr("mTLS on")));
}

TEST_F(ControlPlaneWatchTest, AccountsAreAskedForOnceAndTheirUidsAllowed) {
  transport_.Answer(200, kMtlsOn);
  transport_.Answer(200, R"({"metadata": {"uid": "u-2"}})");
  transport_.Answer(403, "{}");
  auto watch = Make({"dapr-system",
                     /*asks_version=*/false,
                     /*seeks_dapr_injector=*/false,
                     {{"a", "one"}, {"b", "two"}}});
  watch.AskAt(start_);
  EXPECT_EQ(transport_.Requests().at(1).path, "/api/v1/namespaces/b/serviceaccounts/two");
  EXPECT_EQ(transport_.Requests().at(2).path, "/api/v1/namespaces/a/serviceaccounts/one");
  EXPECT_TRUE(uids_.Holds("u-2"));
  EXPECT_FALSE(uids_.Holds(""));
  transport_.Answer(200, kMtlsOn);
  watch.AskAt(start_ + seconds(30));
  EXPECT_EQ(transport_.Requests().size(), 4U);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("mTLS on"))) << "not a word on accounts";
}

TEST_F(ControlPlaneWatchTest, AccountsWaitForAServerThatIsAway) {
  transport_.Answer(200, kMtlsOn);
  transport_.Answer(503, "{}");
  auto watch = Make({"dapr-system",
                     /*asks_version=*/false,
                     /*seeks_dapr_injector=*/false,
                     {{"a", "one"}, {"b", "two"}}});
  watch.AskAt(start_);
  EXPECT_EQ(transport_.Requests().size(), 2U) << "the others are not tried then";
  transport_.Answer(200, kMtlsOn);
  transport_.Answer(200, R"({"metadata": {"uid": "u-2"}})");
  transport_.Answer(200, R"({"metadata": {"uid": "u-1"}})");
  watch.AskAt(start_ + seconds(30));
  EXPECT_TRUE(uids_.Holds("u-1"));
  EXPECT_TRUE(uids_.Holds("u-2"));
}

TEST_F(ControlPlaneWatchTest, MissingConfigurationNamesTheSettingOnce) {
  auto watch = Make({"dapr", /*asks_version=*/false});
  transport_.Answer(404, R"({"message": "not found"})");
  transport_.Answer(404, R"({"message": "not found"})");
  watch.AskAt(start_);
  watch.AskAt(start_ + seconds(30));
  EXPECT_THAT(told_, ElementsAre(AllOf(HasSubstr("no Dapr control plane in namespace dapr:"),
                                       HasSubstr("NAMESPACE (the chart's controlPlane.namespace)")),
                                 HasSubstr("mTLS on")));
  EXPECT_EQ(levels_.front(), LogLevel::kWarning);
}

// A watch that has mTLS and version and looks for Dapr's own injector.
class DaprInjectorTest : public ControlPlaneWatchTest {
 protected:
  // One look at this time, answered so.
  TimePoint Look(seconds after, int status) {
    if (after.count() % 30 == 0) transport_.Answer(200, kMtlsOn);
    transport_.Answer(status, "{}");
    return watch_.AskAt(start_ + after);
  }

  ControlPlaneWatch watch_ =
      Make({"dapr-system", /*asks_version=*/false, /*seeks_dapr_injector=*/true});
};

TEST_F(DaprInjectorTest, OneThatIsThereIsTold) {
  Look(seconds(0), 200);
  EXPECT_EQ(transport_.Requests().at(1).path,
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/"
            "dapr-sidecar-injector");
  EXPECT_THAT(told_.back(), AllOf(HasSubstr("still installed"), HasSubstr("both answer pods"),
                                  HasSubstr("dapr_sidecar_injector.enabled=false"),
                                  HasSubstr("docs/install.md")));
  EXPECT_EQ(levels_.back(), LogLevel::kWarning);
  EXPECT_EQ(note_, told_.back());
}

TEST_F(DaprInjectorTest, OneThatStaysIsToldOnce) {
  Look(seconds(0), 200);
  Look(seconds(30), 200);
  EXPECT_EQ(transport_.Requests().size(), 4U);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("mTLS on"), HasSubstr("still installed")));
}

TEST_F(DaprInjectorTest, OneThatGoesIsToldAndTheNoteTakenBack) {
  Look(seconds(0), 200);
  Look(seconds(30), 404);
  EXPECT_EQ(told_.back(), "Dapr's own injector is gone");
  EXPECT_EQ(levels_.back(), LogLevel::kInfo);
  EXPECT_EQ(note_, "");
}

TEST_F(DaprInjectorTest, OneThatIsNotThereIsNotSpokenOfAndLookedForEachHour) {
  Look(seconds(0), 404);
  EXPECT_THAT(told_, ElementsAre(HasSubstr("mTLS on")));
  transport_.Answer(200, kMtlsOn);
  watch_.AskAt(start_ + seconds(3599));
  EXPECT_EQ(transport_.Requests().size(), 3U);
  transport_.Answer(200, "{}");
  watch_.AskAt(start_ + seconds(3600));
  EXPECT_THAT(told_.back(), HasSubstr("still installed"));
}

TEST_F(DaprInjectorTest, RefusalIsForDebuggingOnly) {
  Look(seconds(0), 403);
  EXPECT_THAT(told_.back(), HasSubstr("is not known"));
  EXPECT_EQ(levels_.back(), LogLevel::kDebug);
}

TEST_F(DaprInjectorTest, RefusalLaterTakesTheNoteBack) {
  Look(seconds(0), 200);
  Look(seconds(30), 403);
  EXPECT_EQ(note_, "");
  EXPECT_EQ(levels_.back(), LogLevel::kDebug);
}

TEST_F(DaprInjectorTest, NoAnswerIsNotSpokenOfAndSoonTriedAgain) {
  EXPECT_EQ(Look(seconds(0), 503), start_ + seconds(5));
  EXPECT_THAT(told_, ElementsAre(HasSubstr("mTLS on")));
  Look(seconds(5), 200);
  EXPECT_THAT(told_.back(), HasSubstr("still installed"));
}

TEST_F(DaprInjectorTest, NoAnswerLeavesTheNote) {
  Look(seconds(0), 200);
  Look(seconds(30), 503);
  EXPECT_THAT(note_, HasSubstr("still installed"));
}

}  // namespace
}  // namespace injector::test
