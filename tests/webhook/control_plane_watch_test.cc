#include "webhook/control_plane_watch.h"

#include <gmock/gmock.h>

#include "tests/support/fake_transport.h"

namespace injector::test {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using webhook::ControlPlaneWatch;
using TimePoint = std::chrono::steady_clock::time_point;

constexpr const char* kVersion36 = R"({"major": "1", "minor": "36+"})";
constexpr const char* kMtlsOff = R"({"spec": {"mtls": {"enabled": false}}})";
constexpr const char* kMtlsOn = R"({"spec": {"mtls": {"enabled": true}}})";

class ControlPlaneWatchTest : public ::testing::Test {
 protected:
  ControlPlaneWatch Make(webhook::ControlPlaneOptions options = {"dapr-system"}) {
    return {client_, std::move(options), surroundings_, uids_,
            [this](webhook::LogLevel, const std::string& message) { told_.push_back(message); }};
  }

  [[nodiscard]] bool Mtls() const { return surroundings_.Current()->mtls_enabled; }
  [[nodiscard]] std::optional<int> Minor() const { return surroundings_.Current()->server_minor; }

  FakeTransport transport_;
  k8s::Client client_{transport_};
  webhook::FileSurroundings surroundings_{webhook::CommonOptions{},
                                          webhook::MissingTrustAnchors::kNothing};
  webhook::AllowedUids uids_;
  std::vector<std::string> told_;
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
  auto watch = Make({"dapr-system", /*asks_version=*/false, {{"a", "one"}, {"b", "two"}}});
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
  auto watch = Make({"dapr-system", /*asks_version=*/false, {{"a", "one"}, {"b", "two"}}});
  watch.AskAt(start_);
  EXPECT_EQ(transport_.Requests().size(), 2U) << "the others are not tried then";
  transport_.Answer(200, kMtlsOn);
  transport_.Answer(200, R"({"metadata": {"uid": "u-2"}})");
  transport_.Answer(200, R"({"metadata": {"uid": "u-1"}})");
  watch.AskAt(start_ + seconds(30));
  EXPECT_TRUE(uids_.Holds("u-1"));
  EXPECT_TRUE(uids_.Holds("u-2"));
}

}  // namespace
}  // namespace injector::test
