#include "webhook/cluster_components.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/support/scripted_feed.h"

namespace injector::test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using webhook::ClusterComponents;
using webhook::Freshness;
using Look = patch::Result<patch::ComponentLook>;

// "a b", "a (doubt)" or "error: why".
std::string Text(const Look& look) {
  if (!look) return "error: " + look.error().message;
  std::string text;
  for (const auto& component : *look->list) text += (text.empty() ? "" : " ") + component->name;
  return look->doubt.empty() ? text : text + " (" + look->doubt + ")";
}

class ClusterComponentsTest : public ::testing::Test {
 protected:
  // Asks while the feed's watch is open.
  std::string AskFresh(Freshness freshness, const std::vector<std::string>& required = {},
                       const std::string& namespace_name = "shop") {
    std::string text;
    scripted_.Run([&] { text = Ask(freshness, required, namespace_name); });
    return text;
  }

  std::string Ask(Freshness freshness, const std::vector<std::string>& required = {},
                  const std::string& namespace_name = "shop") {
    ClusterComponents components({&scripted_.feed}, lists_, freshness, recorder_);
    return Text(components.Components(namespace_name, required, steady_clock::now() + seconds(5)));
  }

  [[nodiscard]] std::size_t LiveCalls() const { return live_.Requests().size(); }

  ScriptedFeed scripted_;
  FakeTransport live_;
  k8s::Client client_{live_};
  RecordingClusterRecorder recorder_;
  webhook::LiveLists lists_{client_, recorder_, [this] { return scripted_.now; }};
};

TEST_F(ClusterComponentsTest, MemoryAnswersWithoutACall) {
  scripted_.AnswerList(ComponentJson("a") + "," + ComponentJson("b"));
  EXPECT_EQ(AskFresh(Freshness::kAuto, {"b"}), "a b");
  EXPECT_EQ(LiveCalls(), 0U);
}

TEST_F(ClusterComponentsTest, AutoLooksLiveWhenMemoryHoldsNoneOfTheNamespace) {
  scripted_.AnswerList(ComponentJson("x", "bank"));
  live_.Answer(200, ListJson(ComponentJson("new")));
  EXPECT_EQ(AskFresh(Freshness::kAuto), "new");
}

// Anybody who reaches the port can send a review; what it names is asked for with our credentials.
TEST_F(ClusterComponentsTest, NamespaceThatIsNoNameIsNotAskedFor) {
  scripted_.AnswerList(ComponentJson("x", "bank"));
  for (const char* name :
       {"", ".", "..", "shop/../../../secrets?", "a b", "shop\r\nX: y", "Shop"}) {
    EXPECT_EQ(Ask(Freshness::kStrict, {}, name),
              "error: the review's namespace is no name that a namespace can have");
  }
  EXPECT_EQ(LiveCalls(), 0U);
}

TEST_F(ClusterComponentsTest, AutoLooksLiveWhenARequiredOneIsMissing) {
  scripted_.AnswerList(ComponentJson("a"));
  live_.Answer(200, ListJson(ComponentJson("a") + "," + ComponentJson("new")));
  EXPECT_EQ(AskFresh(Freshness::kAuto, {"new"}), "a new");
}

TEST_F(ClusterComponentsTest, AutoLooksLiveWhenTheWatchIsClosed) {
  scripted_.AnswerList(ComponentJson("a"));
  scripted_.RunWithoutWatch();
  live_.Answer(200, ListJson(ComponentJson("new")));
  EXPECT_EQ(Ask(Freshness::kAuto), "new");
}

TEST_F(ClusterComponentsTest, AutoLooksLiveWhenTheWatchIsSilent) {
  scripted_.AnswerList(ComponentJson("a"));
  live_.Answer(200, ListJson(ComponentJson("new")));
  std::string text;
  scripted_.Run([&] {
    scripted_.now += seconds(91);
    text = Ask(Freshness::kAuto);
  });
  EXPECT_EQ(text, "new");
}

TEST_F(ClusterComponentsTest, LiveAnswerStaysOutOfMemory) {
  scripted_.AnswerList("");
  live_.Answer(200, ListJson(ComponentJson("new")));
  EXPECT_EQ(AskFresh(Freshness::kAuto), "new");
  EXPECT_EQ(scripted_.feed.Store().Size(), 0U);
}

TEST_F(ClusterComponentsTest, StrictLooksLiveForEachPod) {
  scripted_.AnswerList(ComponentJson("a"));
  live_.Answer(200, ListJson(ComponentJson("one")));
  live_.Answer(200, ListJson(ComponentJson("two")));
  std::vector<std::string> texts;
  scripted_.Run([&] { texts = {Ask(Freshness::kStrict), Ask(Freshness::kStrict)}; });
  EXPECT_THAT(texts, ElementsAre("one", "two"));
}

TEST_F(ClusterComponentsTest, CachedNeverLooksLive) {
  scripted_.AnswerList("");
  scripted_.Run();
  EXPECT_EQ(Ask(Freshness::kCached, {"missing"}), "");
  EXPECT_EQ(LiveCalls(), 0U);
}

TEST_F(ClusterComponentsTest, CachedWithoutAPictureIsAnErrorWithItsCause) {
  EXPECT_EQ(Ask(Freshness::kCached), "error: the Components have not been read yet; try again");
  scripted_.transport.Answer(403, R"({"message": "may not"})");
  scripted_.transport.Answer(403, R"({"message": "may not"})");
  scripted_.Run();
  EXPECT_THAT(Ask(Freshness::kCached),
              HasSubstr("error: the Components have not been read yet: GET "
                        "/apis/dapr.io/v1alpha1/components: 403 may not; the injector's service "
                        "account lacks the verb list"));
}

TEST_F(ClusterComponentsTest, FailedLiveLookServesMemoryWithADoubt) {
  scripted_.AnswerList(ComponentJson("a"));
  scripted_.RunWithoutWatch();
  live_.Answer(500, R"({"message": "broken"})");
  EXPECT_EQ(Ask(Freshness::kAuto),
            "a (GET /apis/dapr.io/v1alpha1/namespaces/shop/components: 500 broken)");
  EXPECT_THAT(recorder_.Events(), ElementsAre("live bad", "stale"));
}

TEST_F(ClusterComponentsTest, FailedLiveLookIsAnErrorWhenSomethingIsRequired) {
  scripted_.AnswerList(ComponentJson("a"));
  scripted_.RunWithoutWatch();
  live_.Answer(500, R"({"message": "broken"})");
  EXPECT_EQ(Ask(Freshness::kAuto, {"a"}),
            "error: GET /apis/dapr.io/v1alpha1/namespaces/shop/components: 500 broken; a pod's "
            "controller tries again");
  EXPECT_THAT(recorder_.Events(), ElementsAre("live bad"));
}

TEST_F(ClusterComponentsTest, FailedLiveLookIsAnErrorWhenMemoryHoldsNothing) {
  scripted_.AnswerList("");
  live_.Answer(404, R"({"message": "no such resource"})");
  EXPECT_THAT(AskFresh(Freshness::kAuto),
              HasSubstr("error: GET /apis/dapr.io/v1alpha1/namespaces/shop/components: 404 no such "
                        "resource; the custom resource definition components.dapr.io is not "
                        "installed"));
}

TEST_F(ClusterComponentsTest, FailedLiveLookIsAnErrorUnderStrict) {
  scripted_.AnswerList(ComponentJson("a"));
  live_.Answer(500, "{}");
  EXPECT_THAT(AskFresh(Freshness::kStrict), HasSubstr("error: "));
}

TEST_F(ClusterComponentsTest, NamespaceWithoutAFeedIsAnErrorThatNamesTheFlag) {
  ScriptedFeed bank("bank");
  ClusterComponents components({&bank.feed}, lists_, Freshness::kAuto, recorder_);
  EXPECT_EQ(Text(components.Components("shop", {}, steady_clock::now() + seconds(5))),
            "error: the injector does not look at Components of namespace shop: add it to "
            "--namespaces");
  EXPECT_EQ(LiveCalls(), 0U);
}

TEST_F(ClusterComponentsTest, EachNamespaceHasItsFeed) {
  ScriptedFeed bank("bank");
  ScriptedFeed shop("shop");
  bank.AnswerList(ComponentJson("b", "bank"));
  shop.AnswerList(ComponentJson("s", "shop"));
  bank.Run();
  shop.Run();
  ClusterComponents components({&bank.feed, &shop.feed}, lists_, Freshness::kCached, recorder_);
  const auto soon = steady_clock::now() + seconds(5);
  EXPECT_EQ(Text(components.Components("bank", {}, soon)), "b");
  EXPECT_EQ(Text(components.Components("shop", {}, soon)), "s");
}

// WATCH is forbidden.
class ListOnlyTest : public ClusterComponentsTest {
 protected:
  void SetUp() override {
    scripted_.AnswerList(ComponentJson("old"));
    scripted_.transport.Answer(403, "{}");
    // The next try of a watch does not reach the server: the mode stays.
    scripted_.transport.Fail(k8s::ApiErrorKind::kUnreachable, "away");
    scripted_.RunWithoutWatch();
    ASSERT_TRUE(scripted_.feed.IsListOnly());
    scripted_.now += seconds(1);
  }
};

TEST_F(ListOnlyTest, NamespaceIsListedWhenAPodAsks) {
  live_.Answer(200, ListJson(ComponentJson("new")));
  EXPECT_EQ(Ask(Freshness::kAuto), "new");
}

TEST_F(ListOnlyTest, ListIsKeptForASecondOrThirty) {
  for (const auto& [freshness, expiry] : std::map<Freshness, seconds>{
           {Freshness::kAuto, seconds(1)}, {Freshness::kCached, seconds(30)}}) {
    scripted_.now += seconds(1000);
    live_.Answer(200, ListJson(ComponentJson("one")));
    live_.Answer(200, ListJson(ComponentJson("two")));
    EXPECT_EQ(Ask(freshness), "one");
    scripted_.now += expiry - std::chrono::milliseconds(1);
    EXPECT_EQ(Ask(freshness), "one");
    scripted_.now += std::chrono::milliseconds(1);
    EXPECT_EQ(Ask(freshness), "two");
  }
}

TEST_F(ListOnlyTest, StrictKeepsNothing) {
  live_.Answer(200, ListJson(ComponentJson("one")));
  live_.Answer(200, ListJson(ComponentJson("two")));
  EXPECT_EQ(Ask(Freshness::kStrict), "one");
  EXPECT_EQ(Ask(Freshness::kStrict), "two");
}

TEST_F(ListOnlyTest, AutoListsAgainForARequiredComponent) {
  live_.Answer(200, ListJson(ComponentJson("one")));
  live_.Answer(200, ListJson(ComponentJson("one") + "," + ComponentJson("two")));
  EXPECT_EQ(Ask(Freshness::kAuto), "one");
  EXPECT_EQ(Ask(Freshness::kAuto, {"two"}), "one two");
}

TEST_F(ListOnlyTest, AutoListsAgainInAnEmptyNamespace) {
  live_.Answer(200, ListJson(""));
  live_.Answer(200, ListJson(ComponentJson("new")));
  EXPECT_EQ(Ask(Freshness::kAuto), "");
  EXPECT_EQ(Ask(Freshness::kAuto), "new");
}

TEST_F(ListOnlyTest, FailedListServesTheLastGoodOneWithADoubt) {
  live_.Answer(200, ListJson(ComponentJson("one")));
  live_.Answer(500, R"({"message": "broken"})");
  EXPECT_EQ(Ask(Freshness::kAuto), "one");
  scripted_.now += seconds(2);
  EXPECT_EQ(Ask(Freshness::kAuto),
            "one (GET /apis/dapr.io/v1alpha1/namespaces/shop/components: 500 broken)");
  EXPECT_THAT(recorder_.Events(), ElementsAre("live good", "live bad", "stale"));
}

TEST_F(ListOnlyTest, FailedListIsAnErrorWhenSomethingIsRequired) {
  live_.Answer(200, ListJson(ComponentJson("one")));
  live_.Answer(500, "{}");
  EXPECT_EQ(Ask(Freshness::kAuto), "one");
  EXPECT_THAT(Ask(Freshness::kAuto, {"two"}), HasSubstr("error: "));
}

TEST_F(ListOnlyTest, FailedListWithoutAGoodOneServesWhatWasWatchedWithADoubt) {
  live_.Answer(403, R"({"message": "forbidden"})");
  EXPECT_THAT(Ask(Freshness::kAuto), StartsWith("old (GET /apis"));
}

TEST_F(ListOnlyTest, FailedListOfAnUnknownNamespaceIsAnError) {
  live_.Answer(500, R"({"message": "broken"})");
  EXPECT_THAT(Ask(Freshness::kAuto, {}, "bank"), HasSubstr("error: GET /apis"));
}

TEST_F(ClusterComponentsTest, ListOnlyServesTheFeedsPictureWhenTheGoodListIsOlder) {
  live_.Answer(200, ListJson(ComponentJson("older")));
  EXPECT_EQ(Ask(Freshness::kAuto), "older");
  scripted_.now += seconds(1);
  scripted_.AnswerList(ComponentJson("newer"));
  scripted_.transport.Answer(403, "{}");
  scripted_.RunWithoutWatch();
  ASSERT_TRUE(scripted_.feed.IsListOnly());
  scripted_.now += seconds(60);
  live_.Answer(500, R"({"message": "broken"})");
  EXPECT_THAT(Ask(Freshness::kAuto), HasSubstr("newer (GET /apis"));
}

}  // namespace
}  // namespace injector::test
