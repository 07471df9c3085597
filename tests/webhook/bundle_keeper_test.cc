#include "webhook/bundle_keeper.h"

#include <gmock/gmock.h>

#include "tests/support/fake_configuration.h"
#include "tests/support/own_leaves.h"
#include "tests/support/recording_bundle_listener.h"

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

const webhook::BundleTarget kTarget = {
    "mutatingwebhookconfigurations", "injector", {"dapr-system", "injector"}};

class BundleKeeperTest : public ::testing::Test {
 protected:
  static webhook::BundleTimes Fast() {
    return {.conflict_jitter = milliseconds(2),
            .poll = milliseconds(20),
            .least_backoff = milliseconds(5),
            .most_backoff = milliseconds(20),
            .shortest_watch = milliseconds(10'000),
            .least_rewrite = milliseconds(40),
            .most_rewrite = milliseconds(160)};
  }
  // Whether so many watches were asked for.
  bool AwaitWatches(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (server_.WatchTimes().size() < count) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }
  [[nodiscard]] std::ptrdiff_t Count(const std::string& event) const {
    const auto events = listener_.Events();
    return std::count(events.begin(), events.end(), event);
  }
  // Whether the bundle became this.
  bool AwaitBundle(const std::string& pem) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (server_.Bundle() != pem) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }

  FakeConfiguration server_;
  k8s::Client client_{server_};
  RecordingBundleListener listener_;
  webhook::BundleKeeper keeper_{client_, kTarget, listener_, Fast()};
  const std::string leaf_ = OwnLeaf("a");
};

TEST_F(BundleKeeperTest, PublishesAndSaysSo) {
  keeper_.Want({{leaf_}, {}, ""}, 3);
  ASSERT_TRUE(listener_.Await("holds 3"));
  EXPECT_EQ(server_.Bundle(), leaf_);
}

TEST_F(BundleKeeperTest, ResetByHandIsSeenByTheWatch) {
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("holds 1"));
  const std::string foreign = ForeignLeaf();
  server_.SetBundle(foreign);
  EXPECT_TRUE(AwaitBundle(leaf_ + foreign));
}

TEST_F(BundleKeeperTest, WritesThatAreUndoneComeMoreAndMoreSeldom) {
  server_.UndoWrites();
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("written 1+0", 5));
  const auto times = server_.WriteTimes();
  EXPECT_GE(times[1] - times[0], milliseconds(20));
  EXPECT_GE(times[2] - times[1], milliseconds(40));
  EXPECT_GE(times[3] - times[2], milliseconds(80));
  EXPECT_GE(times[4] - times[3], milliseconds(80));
}

// Without a bound the twelfth pause alone would be 40 s.
TEST_F(BundleKeeperTest, WritesThatAreUndoneGoOn) {
  server_.UndoWrites();
  keeper_.Want({{leaf_}, {}, ""}, 1);
  EXPECT_TRUE(listener_.Await("written 1+0", 13));
}

TEST_F(BundleKeeperTest, WritesThatAreUndoneAreToldOnce) {
  server_.UndoWrites();
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("written 1+0", 6));
  const auto events = listener_.Events();
  EXPECT_EQ(std::count(events.begin(), events.end(), "repeats"), 1);
}

TEST_F(BundleKeeperTest, AnotherWishWaitsForNoPause) {
  server_.UndoWrites();
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("repeats"));
  keeper_.Want({{OwnLeaf("a")}, {}, ""}, 2);
  EXPECT_TRUE(listener_.Await("holds 2"));
}

TEST_F(BundleKeeperTest, ResetIsSeenByReadsWhereWatchIsForbidden) {
  server_.ForbidWatch();
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("watch forbidden"));
  server_.SetBundle("");
  EXPECT_TRUE(AwaitBundle(leaf_));
  ASSERT_TRUE(listener_.Await("holds 1", 3));
  const auto calls = server_.Calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "watch"), 1);
}

TEST_F(BundleKeeperTest, WatchThatWasOpenIsForbiddenAfterTheSixthRefusal) {
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(AwaitWatches(1));
  server_.AnswerWatches(5, 403);
  server_.SetBundle("");
  ASSERT_TRUE(AwaitWatches(7));
  EXPECT_EQ(Count("watch lost 403"), 1);
  EXPECT_EQ(Count("watch forbidden"), 0);
  server_.AnswerWatches(6, 403);
  server_.SetBundle("");
  EXPECT_TRUE(listener_.Await("watch forbidden"));
  EXPECT_EQ(server_.WatchTimes().size(), 13U);
}

TEST_F(BundleKeeperTest, VersionThatIsTooOldIsWatchedFromThePresent) {
  server_.ForgetVersions();
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(AwaitWatches(2));
  EXPECT_THAT(server_.Calls(), ElementsAre("read", "write", "watch", "watch"));
  server_.SetBundle("");
  EXPECT_TRUE(AwaitBundle(leaf_));
  EXPECT_EQ(Count("watch lost 410"), 0);
}

TEST_F(BundleKeeperTest, WatchesThatFailComeMoreAndMoreSeldomAndAreToldOnce) {
  server_.AnswerWatches(2, 500);
  server_.AnswerWatches(2, 200);
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("holds 1", 5));
  ASSERT_TRUE(AwaitWatches(5));
  const auto times = server_.WatchTimes();
  EXPECT_GE(times[2] - times[1], milliseconds(5));
  EXPECT_GE(times[3] - times[2], milliseconds(10));
  EXPECT_GE(times[4] - times[3], milliseconds(10));
  EXPECT_THAT(listener_.Events(), ElementsAre("written 1+0", "holds 1", "watch lost 500", "holds 1",
                                              "holds 1", "holds 1", "holds 1"));
}

TEST_F(BundleKeeperTest, WatchThatLastsAfterSomeFailedIsTold) {
  auto times = Fast();
  times.shortest_watch = milliseconds(50);
  webhook::BundleKeeper keeper(client_, kTarget, listener_, times);
  server_.AnswerWatches(2, 500);
  keeper.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(AwaitWatches(3));
  const std::string other = leaf_ + OwnLeaf("b");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (Count("watch lasts") == 0 && std::chrono::steady_clock::now() < deadline) {
    server_.SetBundle(other);  // an event, and nothing to write
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(Count("watch lost 500"), 1);
  EXPECT_EQ(Count("watch lasts"), 1);
  EXPECT_EQ(server_.WatchTimes().size(), 3U);
}

TEST_F(BundleKeeperTest, RetryAfterOfAWatchIsHeeded) {
  server_.AnswerWatches(1, 503, "1");
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(AwaitWatches(2));
  const auto times = server_.WatchTimes();
  EXPECT_GE(times[1] - times[0], milliseconds(1000));
}

TEST_F(BundleKeeperTest, RefusedWriteIsTriedAgain) {
  server_.RefuseAll(3, 403);
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("holds 1"));
  EXPECT_THAT(listener_.Events(),
              ElementsAre("failed 403", "failed 403", "failed 403", "written 1+0", "holds 1"));
}

TEST_F(BundleKeeperTest, AnotherWishEndsTheWatch) {
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("holds 1"));
  const std::string next = OwnLeaf("a");
  keeper_.Want({{leaf_, next}, {}, ""}, 2);
  ASSERT_TRUE(listener_.Await("holds 2"));
  EXPECT_EQ(server_.Bundle(), leaf_ + next);
}

TEST_F(BundleKeeperTest, WritesOfOthersAreNoneOfItsBusiness) {
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("holds 1"));
  server_.SetBundle(leaf_ + OwnLeaf("b"));
  const std::string both = server_.Bundle();
  keeper_.Want({{leaf_}, {}, ""}, 2);
  ASSERT_TRUE(listener_.Await("holds 2"));
  EXPECT_EQ(server_.Bundle(), both);
  EXPECT_EQ(server_.Writes(), 1);
}

TEST_F(BundleKeeperTest, TwoOfOneNameDoNotFight) {
  keeper_.Want({{leaf_}, {}, "a"}, 1);
  ASSERT_TRUE(listener_.Await("holds 1"));
  const std::string other = OwnLeaf("a");
  server_.SetBundle(leaf_ + other);
  keeper_.Want({{leaf_}, {}, ""}, 2);
  ASSERT_TRUE(listener_.Await("holds 2"));
  EXPECT_EQ(server_.Bundle(), leaf_ + other);
}

TEST_F(BundleKeeperTest, FinishWithdraws) {
  const std::string other = OwnLeaf("b");
  server_.SetBundle(other);
  keeper_.Want({{leaf_}, {}, ""}, 1);
  ASSERT_TRUE(listener_.Await("holds 1"));
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  ASSERT_TRUE(keeper_.Finish({{}, {leaf_}, ""}, soon));
  EXPECT_EQ(server_.Bundle(), other);
}

TEST_F(BundleKeeperTest, NothingIsDoneBeforeAWish) {
  keeper_.Stop();
  EXPECT_THAT(server_.Calls(), ElementsAre());
  EXPECT_THAT(listener_.Events(), Not(Contains("holds 0")));
}

}  // namespace
}  // namespace injector::test
