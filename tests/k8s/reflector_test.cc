#include "k8s/reflector.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <tuple>

#include "tests/support/fake_transport.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using nlohmann::json;
using ::testing::ElementsAre;

// Writes down what it is told, without the words of life.
class RecordingSink : public k8s::ReflectorSink {
 public:
  void Begin() override { picture_ = json::array(); }
  void Add(json object) override { picture_.push_back(std::move(object)); }
  void Commit() override { seen.push_back("replace " + picture_.dump()); }
  void Put(json object) override {
    if (std::exchange(throws, false)) throw std::runtime_error("no memory");
    seen.push_back("put " + object["n"].dump());
  }
  void Remove(json object) override { seen.push_back("remove " + object["n"].dump()); }
  void Connecting() override { alive_at_connecting.push_back(alive); }
  void Alive() override { ++alive; }
  void Failed(const k8s::ApiError& error, std::chrono::milliseconds wait) override {
    seen.push_back("failed " + std::to_string(error.http_status));
    messages.push_back(error.message);
    waits.push_back(wait);
  }
  void Relisting() override { seen.push_back("list"); }

  std::vector<std::string> seen;
  std::vector<std::string> messages;  // of the failures
  std::vector<std::chrono::milliseconds> waits;
  int alive = 0;
  bool throws = false;  // the next Put does
  std::vector<int> alive_at_connecting;

 private:
  json picture_;
};

class ReflectorTest : public ::testing::Test {
 protected:
  // Runs until the script has ended; the failure that this makes is not told.
  k8s::ApiResult<void> Run(int most_backoff = 2) {
    std::stop_source stop;
    transport_.OnEnd([&] { stop.request_stop(); });
    k8s::Reflector reflector(client_, sink_,
                             {.path = "/things",
                              .least_backoff = std::chrono::milliseconds(1),
                              .most_backoff = std::chrono::milliseconds(most_backoff)},
                             /*seed=*/1);
    return reflector.Run(stop.get_token());
  }

  // A server that does not know WatchList.
  void DeclineWatchList() { transport_.Answer(422, "{}"); }

  FakeTransport transport_;
  k8s::Client client_{transport_};
  RecordingSink sink_;
};

TEST_F(ReflectorTest, ListsThenWatchesFromTheListsVersion) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": [{"n": 1}]})");
  transport_.Answer(200,
                    "{\"type\": \"ADDED\", \"object\": {\"n\": 2}}\n"
                    "{\"type\": \"DELETED\", \"object\": {\"n\": 1}}\n");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen,
              ElementsAre("list", R"(replace [{"n":1}])", "put 2", "remove 1", "failed 0"));
  EXPECT_THAT(transport_.Requests().at(2).path, ::testing::HasSubstr("resourceVersion=5"));
}

TEST_F(ReflectorTest, AcceptedWatchIsAliveBeforeItsFirstLine) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  transport_.Answer(200, "{\"type\": \"ADDED\", \"object\": {\"n\": 2}}\n");
  EXPECT_TRUE(Run());
  // After the list; after the watch's head and its line.
  EXPECT_THAT(sink_.alive_at_connecting, ElementsAre(1, 3));
}

TEST_F(ReflectorTest, WatchListGivesTheFirstPicture) {
  transport_.Answer(
      200,
      "{\"type\": \"ADDED\", \"object\": {\"n\": 1}}\n"
      "{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"8\","
      " \"annotations\": {\"k8s.io/initial-events-end\": \"true\"}}}}\n");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen, ElementsAre("list", R"(replace [{"n":1}])"));
  EXPECT_THAT(transport_.Requests().at(0).path, ::testing::HasSubstr("sendInitialEvents=true"));
  EXPECT_THAT(transport_.Requests().at(1).path, ::testing::HasSubstr("resourceVersion=8"));
}

TEST_F(ReflectorTest, WatchListThatEndsBeforeItsBookmarkIsFollowedByAList) {
  transport_.Answer(200, "{\"type\": \"ADDED\", \"object\": {\"n\": 1}}\n");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": [{"n": 2}]})");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen, ElementsAre("list", R"(replace [{"n":2}])"));
}

TEST_F(ReflectorTest, BookmarksMoveTheVersionOn) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  transport_.Answer(200,
                    "{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": "
                    "{\"resourceVersion\": \"77\"}}}\n");
  EXPECT_TRUE(Run());
  EXPECT_THAT(transport_.Requests().back().path, ::testing::HasSubstr("resourceVersion=77"));
}

TEST_F(ReflectorTest, GoneKeepsThePictureAndListsAgain) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": [{"n": 1}]})");
  transport_.Answer(200, "{\"type\": \"ERROR\", \"object\": {\"code\": 410}}\n");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "9"}, "items": [{"n": 2}]})");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen, ElementsAre("list", R"(replace [{"n":1}])", "failed 410", "list",
                                      R"(replace [{"n":2}])"));
}

// An API server that was away answers 410 once it is back: it is well, and behind by minutes else.
TEST_F(ReflectorTest, GoneAfterFailuresIsListedAgainSoon) {
  using std::chrono::milliseconds;
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": [{"n": 1}]})");
  for (int i = 0; i < 6; ++i) transport_.Answer(429, "{}");
  transport_.Answer(200, "{\"type\": \"ERROR\", \"object\": {\"code\": 410}}\n");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "9"}, "items": [{"n": 2}]})");
  EXPECT_TRUE(Run(/*most_backoff=*/32));
  ASSERT_THAT(sink_.waits, ::testing::SizeIs(7));
  EXPECT_GE(sink_.waits[5], milliseconds(32));
  EXPECT_LE(sink_.waits[6], milliseconds(2)) << "the least back-off and its jitter";
}

TEST_F(ReflectorTest, ListsThatNoWatchCanFollowComeMoreAndMoreSeldom) {
  using std::chrono::milliseconds;
  DeclineWatchList();
  for (int i = 0; i < 6; ++i) {
    transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
    transport_.Answer(410, "{}");
  }
  EXPECT_TRUE(Run(/*most_backoff=*/32));
  ASSERT_THAT(sink_.waits, ::testing::SizeIs(6));
  EXPECT_LE(sink_.waits[0], milliseconds(2)) << "the least back-off and its jitter";
  EXPECT_GE(sink_.waits[4], milliseconds(16));
  EXPECT_GE(sink_.waits[5], milliseconds(32));
}

TEST_F(ReflectorTest, ListWithoutAVersionIsAFailure) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {}, "items": [{"n": 1}]})");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": ""}, "items": [{"n": 1}]})");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": [{"n": 2}]})");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen,
              ElementsAre("list", "failed 0", "list", "failed 0", "list", R"(replace [{"n":2}])"));
  EXPECT_EQ(sink_.messages.at(0), "GET /things: the list has no metadata.resourceVersion");
}

TEST_F(ReflectorTest, WatchesThatEndAtOnceAreAskedForMoreAndMoreSeldomWhateverTheySend) {
  using std::chrono::milliseconds;
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  for (int i = 0; i < 5; ++i) {
    transport_.Answer(200,
                      "{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": "
                      "{\"resourceVersion\": \"6\"}}}\n");
  }
  EXPECT_TRUE(Run(/*most_backoff=*/32));
  ASSERT_THAT(sink_.waits, ::testing::SizeIs(5));
  EXPECT_LE(sink_.waits[0], milliseconds(2)) << "the least back-off and its jitter";
  EXPECT_GE(sink_.waits[4], milliseconds(16));
}

TEST_F(ReflectorTest, EventThatCouldNotBeTakenComesAgain) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  transport_.Answer(200,
                    "{\"type\": \"ADDED\", \"object\": {\"n\": 2, \"metadata\": "
                    "{\"resourceVersion\": \"6\"}}}\n");
  sink_.throws = true;
  std::stop_source stop;
  transport_.OnEnd([&] { stop.request_stop(); });
  k8s::Reflector reflector(client_, sink_, {.path = "/things"}, /*seed=*/1);
  EXPECT_THROW(std::ignore = reflector.Run(stop.get_token()), std::runtime_error);
  EXPECT_TRUE(reflector.Run(stop.get_token()));
  EXPECT_THAT(transport_.Requests().back().path, ::testing::HasSubstr("resourceVersion=5"));
}

TEST_F(ReflectorTest, OverloadIsTriedAgainFromTheSameVersion) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  transport_.Answer(429, "{}");
  transport_.Fail(ApiErrorKind::kUnreachable, "connection refused");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen, ElementsAre("list", "replace []", "failed 429", "failed 0"));
  EXPECT_THAT(transport_.Requests().back().path, ::testing::HasSubstr("resourceVersion=5"));
}

TEST_F(ReflectorTest, TooLargeResourceVersionListsAgain) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  transport_.Answer(504, R"({"message": "Too large resource version: 5, current: 3"})");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "3"}, "items": []})");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen, ElementsAre("list", "replace []", "failed 504", "list", "replace []"));
}

TEST_F(ReflectorTest, ForbiddenWatchEndsTheRun) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  transport_.Answer(403, R"({"message": "cannot watch"})");
  const auto outcome = Run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ApiErrorKind::kForbidden);
}

// An API server that has just started forbids everything until it has read its roles.
TEST_F(ReflectorTest, WatchThatIsForbiddenForAMomentIsTriedAgain) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  for (int i = 0; i < 2; ++i) {
    transport_.Answer(200, "");
    transport_.Answer(403, "{}");
    transport_.Answer(403, "{}");
  }
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen, ElementsAre("list", "replace []", "failed 0", "failed 403", "failed 403",
                                      "failed 0", "failed 403", "failed 403"));
  EXPECT_THAT(transport_.Requests().back().path, ::testing::HasSubstr("resourceVersion=5"));
}

TEST_F(ReflectorTest, WatchThatIsForbiddenThreeTimesAfterAnOpenOneEndsTheRun) {
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  transport_.Answer(200, "");
  for (int i = 0; i < 3; ++i) transport_.Answer(403, "{}");
  const auto outcome = Run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ApiErrorKind::kForbidden);
  EXPECT_THAT(sink_.seen,
              ElementsAre("list", "replace []", "failed 0", "failed 403", "failed 403"));
}

TEST_F(ReflectorTest, WatchListCountsAsAnOpenWatch) {
  transport_.Answer(
      200,
      "{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"8\","
      " \"annotations\": {\"k8s.io/initial-events-end\": \"true\"}}}}\n");
  transport_.Answer(403, "{}");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen, ElementsAre("list", "replace []", "failed 403"));
}

// Else an outage before would make them minutes.
TEST_F(ReflectorTest, WatchThatIsForbiddenAfterFailuresIsAskedForSoon) {
  using std::chrono::milliseconds;
  DeclineWatchList();
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": []})");
  transport_.Answer(200, "");
  for (int i = 0; i < 5; ++i) transport_.Answer(503, "{}");
  for (int i = 0; i < 2; ++i) transport_.Answer(403, "{}");
  EXPECT_TRUE(Run(/*most_backoff=*/32));
  ASSERT_THAT(sink_.waits, ::testing::SizeIs(8));
  EXPECT_GE(sink_.waits[5], milliseconds(32));
  EXPECT_LE(sink_.waits[6], milliseconds(2)) << "the least back-off and its jitter";
  EXPECT_LE(sink_.waits[7], milliseconds(4));
}

TEST_F(ReflectorTest, ForbiddenListIsTriedAgain) {
  transport_.Answer(403, "{}");
  transport_.Answer(403, "{}");
  transport_.Answer(200, R"({"metadata": {"resourceVersion": "5"}, "items": [{"n": 1}]})");
  EXPECT_TRUE(Run());
  EXPECT_THAT(sink_.seen, ElementsAre("list", "failed 403", "list", R"(replace [{"n":1}])"));
}

}  // namespace
}  // namespace injector::test
