#include "k8s/client.h"

#include <gmock/gmock.h>

#include "tests/support/fake_transport.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using nlohmann::json;

const k8s::Deadline kSoon = std::chrono::steady_clock::now() + std::chrono::seconds(5);

class ClientTest : public ::testing::Test {
 protected:
  FakeTransport transport_;
  k8s::Client client_{transport_};
};

TEST_F(ClientTest, GetReturnsTheObject) {
  transport_.Answer(200, R"({"kind": "Configuration"})");
  const auto object = client_.Get("/apis/dapr.io/v1alpha1/x", kSoon);
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(*object, json::parse(R"({"kind": "Configuration"})"));
  EXPECT_EQ(transport_.Requests().at(0).method, "GET");
  EXPECT_EQ(transport_.Requests().at(0).path, "/apis/dapr.io/v1alpha1/x");
}

TEST_F(ClientTest, StatusBecomesTheErrorsKind) {
  const std::vector<std::pair<int, ApiErrorKind>> cases = {
      {400, ApiErrorKind::kRefused},     {401, ApiErrorKind::kUnauthorized},
      {403, ApiErrorKind::kForbidden},   {404, ApiErrorKind::kNotFound},
      {409, ApiErrorKind::kConflict},    {410, ApiErrorKind::kGone},
      {422, ApiErrorKind::kRefused},     {429, ApiErrorKind::kTooManyRequests},
      {500, ApiErrorKind::kServerError}, {504, ApiErrorKind::kServerError}};
  for (const auto& [status, kind] : cases) {
    transport_.Answer(status, R"({"message": "because"})");
    const auto object = client_.Get("/x?y=z", kSoon);
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().kind, kind) << status;
    EXPECT_EQ(object.error().message, "GET /x: " + std::to_string(status) + " because");
  }
}

TEST_F(ClientTest, RetryAfterIsRead) {
  transport_.Answer(429, "{}", "7");
  const auto object = client_.Get("/x", kSoon);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().retry_after, std::chrono::seconds(7));
}

TEST_F(ClientTest, AnswerThatIsNoObjectIsABadReply) {
  transport_.Answer(200, "<html>");
  const auto object = client_.Get("/x", kSoon);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ApiErrorKind::kBadReply);
}

TEST_F(ClientTest, ListJoinsThePages) {
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "7", "continue": "a+b"},
                             "items": [{"n": 1}, {"n": 2}]})");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "7"}, "items": [{"n": 3}]})");
  const auto list = client_.List("/things", 2, kSoon);
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->resource_version, "7");
  EXPECT_EQ(json(list->items), json::parse(R"([{"n": 1}, {"n": 2}, {"n": 3}])"));
  EXPECT_EQ(transport_.Requests().at(0).path, "/things?limit=2");
  EXPECT_EQ(transport_.Requests().at(1).path, "/things?limit=2&continue=a%2Bb");
}

TEST_F(ClientTest, ExpiredContinueIsGoneAndGivesNoPartOfAList) {
  transport_.Answer(200, R"({"metadata": {"continue": "old"}, "items": [{"n": 1}]})");
  transport_.Answer(410, R"({"message": "expired", "metadata": {"continue": "inconsistent"}})");
  const auto list = client_.List("/things", 1, kSoon);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind, ApiErrorKind::kGone);
}

TEST_F(ClientTest, PageThatIsTooLongIsAskedForByHalves) {
  transport_.Answer(200, R"({"metadata": {"continue": "t"}, "items": [{"n": 1}]})");
  transport_.Fail(ApiErrorKind::kBadReply, "GET /things: the answer is too long");
  transport_.Fail(ApiErrorKind::kBadReply, "GET /things: the answer is too long");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "7", "continue": "u"},
                             "items": [{"n": 2}]})");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "7"}, "items": [{"n": 3}]})");
  const auto list = client_.List("/things", 5, kSoon);
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(json(list->items), json::parse(R"([{"n": 1}, {"n": 2}, {"n": 3}])"));
  std::vector<std::string> paths;
  for (const auto& request : transport_.Requests()) paths.push_back(request.path);
  EXPECT_THAT(paths,
              ::testing::ElementsAre("/things?limit=5", "/things?limit=5&continue=t",
                                     "/things?limit=2&continue=t", "/things?limit=1&continue=t",
                                     "/things?limit=1&continue=u"));
}

TEST_F(ClientTest, ObjectThatIsUnusableAloneIsNamedByTheOneBefore) {
  transport_.Answer(200, R"({"metadata": {"continue": "t"},
                             "items": [{"metadata": {"namespace": "shop", "name": "a"}}]})");
  for (int i = 0; i < 2; ++i) {
    transport_.Fail(ApiErrorKind::kBadReply, "GET /things: the answer is too long");
  }
  const auto list = client_.List("/things", 2, kSoon);
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind, ApiErrorKind::kBadReply);
  EXPECT_EQ(list.error().message,
            "GET /things: the answer is too long, though one object was asked for: the one that "
            "follows shop/a");
}

TEST_F(ClientTest, ObjectsOfAListAreHandedOutWhole) {
  transport_.Answer(200, R"({"items": [{"items": [{"a": 1}], "b": {"c": {"d": []}}}, {}],
                             "metadata": {"resourceVersion": "7", "x": {"y": {"z": 1}}}})");
  std::vector<json> objects;
  const auto version = client_.ListEach("/things", 2, kSoon,
                                        [&](json object) { objects.push_back(std::move(object)); });
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_EQ(*version, "7");
  EXPECT_EQ(json(objects), json::parse(R"([{"items": [{"a": 1}], "b": {"c": {"d": []}}}, {}])"));
}

TEST_F(ClientTest, ListThatIsCutHandsNothingOut) {
  transport_.Answer(200, R"({"items": [{"a": 1}, {"b": 2})");
  int objects = 0;
  const auto version = client_.ListEach("/things", 1, kSoon, [&](const json&) { ++objects; });
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().kind, ApiErrorKind::kBadReply);
  EXPECT_EQ(objects, 0);
}

TEST_F(ClientTest, AnswerThatIsNoListIsABadReply) {
  for (const char* text : {R"({})", R"({"items": 1})", R"({"items": {}})", R"({"items": [1]})",
                           R"([{"items": []}])"}) {
    transport_.Answer(200, text);
    const auto list = client_.List("/things", 1, kSoon);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().kind, ApiErrorKind::kBadReply) << text;
    EXPECT_THAT(list.error().message, ::testing::StartsWith("GET /things: the answer is no list"));
  }
}

TEST_F(ClientTest, NullItemsAreAnEmptyList) {
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "9"}, "items": null})");
  const auto list = client_.List("/things", 500, kSoon);
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->items.empty());
}

TEST_F(ClientTest, WatchHandsOutEvents) {
  transport_.Answer(200,
                    "{\"type\": \"ADDED\", \"object\": {\"n\": 1}}\n"
                    "{\"type\": \"DELETED\", \"object\": {\"n\": 1}}\n");
  std::vector<std::string> seen;
  const auto outcome = client_.Watch("/things", {.resource_version = "12"},
                                     [&](std::string_view type, const json& object) {
                                       seen.push_back(std::string(type) + object.dump());
                                       return true;
                                     },
                                     {});
  EXPECT_TRUE(outcome);
  EXPECT_THAT(seen, ::testing::ElementsAre(R"(ADDED{"n":1})", R"(DELETED{"n":1})"));
  EXPECT_EQ(transport_.Requests().at(0).path,
            "/things?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=12");
}

TEST_F(ClientTest, WatchTellsThatItIsOpenBeforeItsEvents) {
  transport_.Answer(200, "{\"type\": \"ADDED\", \"object\": {}}\n");
  transport_.Answer(410, "{}");
  std::vector<std::string> seen;
  k8s::WatchOptions options;
  options.on_open = [&] { seen.emplace_back("open"); };
  const auto on_event = [&](std::string_view type, const json&) {
    seen.emplace_back(type);
    return true;
  };
  EXPECT_TRUE(client_.Watch("/things", options, on_event, {}));
  EXPECT_FALSE(client_.Watch("/things", options, on_event, {}));
  EXPECT_THAT(seen, ::testing::ElementsAre("open", "ADDED"));
}

TEST_F(ClientTest, WatchEventErrorEndsWithItsCode) {
  transport_.Answer(200,
                    "{\"type\": \"ERROR\", \"object\": {\"code\": 410, \"message\": \"too old\"}}\n"
                    "{\"type\": \"ADDED\", \"object\": {}}\n");
  int events = 0;
  const auto outcome = client_.Watch("/things", {},
                                     [&](std::string_view, const json&) {
                                       ++events;
                                       return true;
                                     },
                                     {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ApiErrorKind::kGone);
  EXPECT_EQ(events, 0);
}

TEST_F(ClientTest, WatchLineThatIsNoEventIsABadReply) {
  for (const char* line : {"nonsense\n", "[]\n", "{\"type\": 5}\n", "{\"object\": {}}\n"}) {
    transport_.Answer(200, line);
    const auto outcome =
        client_.Watch("/things", {}, [](std::string_view, const json&) { return true; }, {});
    ASSERT_FALSE(outcome) << line;
    EXPECT_EQ(outcome.error().kind, ApiErrorKind::kBadReply) << line;
  }
}

TEST_F(ClientTest, PatchSaysItsType) {
  transport_.Answer(200, "{}");
  transport_.Answer(200, "{}");
  ASSERT_TRUE(client_.Patch("/x", {k8s::PatchType::kJson, "[]"}, kSoon));
  ASSERT_TRUE(client_.Patch("/x", {k8s::PatchType::kStrategicMerge, "{}"}, kSoon));
  EXPECT_EQ(transport_.Requests().at(0).content_type, "application/json-patch+json");
  EXPECT_EQ(transport_.Requests().at(1).content_type, "application/strategic-merge-patch+json");
}

TEST_F(ClientTest, PatchHandsItsStopOn) {
  std::stop_source stop;
  transport_.Answer(200, "{}");
  ASSERT_TRUE(client_.Patch("/x", {k8s::PatchType::kJson, "[]"}, kSoon, stop.get_token()));
  stop.request_stop();
  EXPECT_TRUE(transport_.Requests().at(0).stop.stop_requested());
}

}  // namespace
}  // namespace injector::test
