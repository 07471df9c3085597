#include "webhook/component_feed.h"

#include <gmock/gmock.h>

#include "tests/support/scripted_feed.h"

namespace injector::test {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using webhook::LogLevel;

constexpr const char* kForbidden =
    R"({"message": "components.dapr.io is forbidden: User \"x\" cannot"})";

// A list and a watch; then the watch is refused so often.
void AnswerWatchThenForbidIt(ScriptedFeed& scripted, int times) {
  scripted.AnswerList(ComponentJson("a"));
  scripted.transport.Answer(200, "");
  for (int i = 0; i < times; ++i) scripted.transport.Answer(403, kForbidden);
}

TEST(ComponentFeed, NothingIsKnownBeforeItRuns) {
  const ScriptedFeed scripted;
  EXPECT_FALSE(scripted.feed.IsSynced());
  EXPECT_FALSE(scripted.feed.IsFresh());
  EXPECT_FALSE(scripted.feed.IsListOnly());
  EXPECT_EQ(scripted.feed.Age(), seconds(0));
}

TEST(ComponentFeed, ListThenOpenWatchIsFresh) {
  ScriptedFeed scripted;
  scripted.AnswerList(ComponentJson("a"));
  bool fresh = false;
  scripted.Run([&] { fresh = scripted.feed.IsFresh(); });
  EXPECT_TRUE(fresh);
  EXPECT_TRUE(scripted.feed.IsSynced());
  EXPECT_EQ(scripted.feed.Store().Size(), 1U);
  EXPECT_THAT(scripted.Messages(LogLevel::kInfo), ElementsAre("1 Component read"));
  EXPECT_TRUE(scripted.reports.at(0).answered);
  EXPECT_EQ(scripted.transport.Requests().at(1).path, "/apis/dapr.io/v1alpha1/components?limit=50");
}

TEST(ComponentFeed, OneNamespaceHasItsOwnCollection) {
  ScriptedFeed scripted("shop");
  scripted.AnswerList("");
  scripted.Run();
  EXPECT_EQ(scripted.transport.Requests().at(1).path,
            "/apis/dapr.io/v1alpha1/namespaces/shop/components?limit=50");
}

TEST(ComponentFeed, EventsChangeTheStore) {
  ScriptedFeed scripted;
  scripted.AnswerList(ComponentJson("a"));
  scripted.transport.Answer(200, R"({"type": "ADDED", "object": )" + ComponentJson("b") + "}\n" +
                                     R"({"type": "DELETED", "object": )" + ComponentJson("a") +
                                     "}\n");
  scripted.Run();
  ASSERT_EQ(scripted.feed.Store().Size(), 1U);
  EXPECT_EQ(scripted.feed.Store().Find("shop")->front()->name, "b");
}

TEST(ComponentFeed, WatchThatIsSilentFor90SecondsIsNotFresh) {
  ScriptedFeed scripted;
  scripted.AnswerList("");
  bool just_fresh = false;
  bool too_old = true;
  scripted.Run([&] {
    scripted.now += seconds(90);
    just_fresh = scripted.feed.IsFresh();
    scripted.now += std::chrono::milliseconds(1);
    too_old = scripted.feed.IsFresh();
  });
  EXPECT_TRUE(just_fresh);
  EXPECT_FALSE(too_old);
  EXPECT_EQ(scripted.feed.Age(), seconds(90) + std::chrono::milliseconds(1));
}

TEST(ComponentFeed, ClosedWatchIsNotFresh) {
  ScriptedFeed scripted;
  scripted.AnswerList("");
  scripted.RunWithoutWatch();
  EXPECT_FALSE(scripted.feed.IsFresh());
  EXPECT_TRUE(scripted.feed.IsSynced());
}

TEST(ComponentFeed, LostWatchIsToldOnceAndItsRecoveryToo) {
  ScriptedFeed scripted;
  scripted.AnswerList(ComponentJson("a"));
  scripted.transport.Fail(k8s::ApiErrorKind::kUnreachable, "GET /x: connection refused");
  scripted.transport.Fail(k8s::ApiErrorKind::kUnreachable, "GET /x: connection refused");
  scripted.Run();
  EXPECT_THAT(
      scripted.Messages(LogLevel::kInfo),
      ElementsAre("1 Component read",
                  HasSubstr("GET /x: connection refused; the last picture stays; next try in 0."),
                  "recovered, watching again: 1 Component"));
  EXPECT_EQ(scripted.reports.at(1).level, LogLevel::kWarning);
  EXPECT_EQ(scripted.reports.at(1).trouble, "GET /x: connection refused");
  EXPECT_EQ(scripted.reports.back().trouble, "");
  EXPECT_THAT(scripted.recorder.Events(), ElementsAre("relisted", "failed", "failed"));
}

TEST(ComponentFeed, ExpiredVersionIsListedAgain) {
  ScriptedFeed scripted;
  scripted.AnswerList(ComponentJson("a"));
  scripted.transport.Answer(410, R"({"message": "too old"})");
  scripted.transport.Answer(200, ListJson(ComponentJson("a") + "," + ComponentJson("b")));
  scripted.Run();
  EXPECT_THAT(
      scripted.Messages(LogLevel::kInfo),
      ElementsAre("1 Component read", HasSubstr("410 too old; the last picture stays"),
                  "listing again, since the watch could not go on", "2 Components read again"));
  EXPECT_EQ(scripted.feed.Store().Size(), 2U);
}

TEST(ComponentFeed, ForbiddenListIsAnAnswerAndNamesTheRule) {
  ScriptedFeed scripted;
  scripted.transport.Answer(403, kForbidden);
  scripted.transport.Answer(403, kForbidden);
  scripted.transport.Answer(403, kForbidden);
  scripted.Run();
  ASSERT_THAT(scripted.reports, ::testing::SizeIs(2));
  EXPECT_TRUE(scripted.reports.at(0).answered);
  EXPECT_EQ(scripted.reports.at(0).level, LogLevel::kError);
  EXPECT_THAT(scripted.reports.at(0).message,
              HasSubstr("lacks the verb list on components.dapr.io: add to the rules of its "
                        "ClusterRole: - {apiGroups: [dapr.io], resources: [components], verbs: "
                        "[get, list, watch]}"));
  EXPECT_EQ(scripted.reports.at(1).level, LogLevel::kDebug);
  EXPECT_EQ(scripted.feed.Trouble(), scripted.reports.at(0).trouble);
  EXPECT_FALSE(scripted.feed.IsSynced());
}

TEST(ComponentFeed, ForbiddenListOfANamespaceNamesItsRole) {
  ScriptedFeed scripted("shop");
  scripted.transport.Answer(403, kForbidden);
  scripted.transport.Answer(403, kForbidden);
  scripted.Run();
  EXPECT_THAT(scripted.Messages(LogLevel::kError),
              ElementsAre(HasSubstr("add to the rules of its Role in namespace shop: - {")));
}

TEST(ComponentFeed, MissingDefinitionIsAnAnswerAndRecovers) {
  ScriptedFeed scripted;
  scripted.transport.Answer(404, "{}");
  scripted.transport.Answer(404, "{}");
  scripted.transport.Answer(200, ListJson(ComponentJson("a")));
  scripted.Run();
  EXPECT_TRUE(scripted.reports.at(0).answered);
  EXPECT_THAT(scripted.Messages(LogLevel::kInfo),
              ElementsAre(HasSubstr("the custom resource definition components.dapr.io is not "
                                    "installed: install Dapr; next try in"),
                          "1 Component read"));
}

TEST(ComponentFeed, ServerThatIsAwayIsNoAnswer) {
  ScriptedFeed scripted;
  for (int i = 0; i < 4; ++i) scripted.transport.Answer(503, "{}");
  scripted.Run();
  ASSERT_FALSE(scripted.reports.empty());
  for (const auto& report : scripted.reports) EXPECT_FALSE(report.answered);
}

TEST(ComponentFeed, ForbiddenWatchIsToldOnceAndAskedForAgain) {
  ScriptedFeed scripted;
  scripted.AnswerList(ComponentJson("a"));
  scripted.transport.Answer(403, kForbidden);
  scripted.transport.Answer(403, kForbidden);
  bool list_only = true;
  scripted.Run([&] { list_only = scripted.feed.IsListOnly(); });
  EXPECT_FALSE(list_only) << "a watch that is open ends the mode";
  EXPECT_THAT(
      scripted.Messages(LogLevel::kInfo),
      ElementsAre("1 Component read", HasSubstr("lacks the verb watch on components.dapr.io"),
                  "WATCH is allowed now: watching"));
  EXPECT_THAT(scripted.transport.Requests().back().path, HasSubstr("resourceVersion=5"));
}

TEST(ComponentFeed, WatchThatIsForbiddenForAMomentIsNoMissingRule) {
  ScriptedFeed scripted;
  AnswerWatchThenForbidIt(scripted, 2);
  scripted.Run();
  EXPECT_FALSE(scripted.feed.IsListOnly());
  EXPECT_THAT(
      scripted.Messages(LogLevel::kInfo),
      ElementsAre("1 Component read", HasSubstr("the watch ended as soon as it began"),
                  HasSubstr("an API server that has just started answers so until it has read its "
                            "roles; the last picture stays; next try in 0."),
                  "recovered, watching again: 1 Component"));
  EXPECT_THAT(scripted.Messages(LogLevel::kError), IsEmpty());
  EXPECT_EQ(scripted.feed.Trouble(), "");
}

TEST(ComponentFeed, WatchThatIsForbiddenThreeTimesIsListOnly) {
  ScriptedFeed scripted;
  AnswerWatchThenForbidIt(scripted, 3);
  scripted.RunWithoutWatch();
  EXPECT_TRUE(scripted.feed.IsListOnly());
  EXPECT_THAT(scripted.Messages(LogLevel::kInfo).at(3),
              HasSubstr("lacks the verb watch on components.dapr.io"));
}

TEST(ComponentFeed, ListOnlyStaysWhileTheServerIsAway) {
  ScriptedFeed scripted;
  scripted.AnswerList("");
  for (int i = 0; i < 2; ++i) scripted.transport.Answer(403, kForbidden);
  scripted.transport.Fail(k8s::ApiErrorKind::kUnreachable, "GET /x: connection refused");
  scripted.RunWithoutWatch();
  EXPECT_TRUE(scripted.feed.IsListOnly());
  EXPECT_FALSE(scripted.feed.IsFresh());
  EXPECT_THAT(scripted.Messages(LogLevel::kWarning),
              ElementsAre(HasSubstr("until then Components are listed when a pod asks for them"),
                          HasSubstr("connection refused")));
}

TEST(ComponentFeed, ListOnlyHasNoAge) {
  ScriptedFeed scripted;
  scripted.AnswerList(ComponentJson("a"));
  scripted.transport.Answer(403, kForbidden);
  scripted.RunWithoutWatch();
  ASSERT_TRUE(scripted.feed.IsListOnly());
  scripted.now += seconds(1000);
  EXPECT_EQ(scripted.feed.Age(), seconds(0));
}

TEST(ComponentFeed, MessagesHoldNoLineBreak) {
  ScriptedFeed scripted;
  scripted.transport.Answer(403, "a\nb");
  scripted.transport.Answer(403, "a\nb");
  scripted.Run();
  ASSERT_FALSE(scripted.reports.empty());
  EXPECT_THAT(scripted.reports.at(0).message, ::testing::Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace injector::test
