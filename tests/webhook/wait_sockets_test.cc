#include "webhook/wait_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <sstream>

#include "tests/support/fake_socket.h"
#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using webhook::ExpectedSocketArgument;
using webhook::SocketWait;
using webhook::WaitPace;

// As quick as a loaded machine allows; answers of fakes come within milliseconds.
constexpr WaitPace kQuick{milliseconds{5}, milliseconds{300}, milliseconds{2000},
                          milliseconds{10000}};
constexpr milliseconds kShort{60};    // for waits that end in a time-out
constexpr milliseconds kLong{20000};  // for waits that end in success

ExpectedSocketArgument Expected(std::string socket) {
  return {std::move(socket), {"store"}, "r/redis:1", false, ""};
}

ExpectedSocketArgument Soft(std::string socket) {
  return {std::move(socket), {"store"}, "r/redis:1", true, ""};
}

struct Outcome {
  bool up;
  std::string out;
  std::string err;
};

Outcome WaitFor(const SocketWait& wait, const WaitPace& pace = kQuick) {
  std::ostringstream out;
  std::ostringstream err;
  const bool up = webhook::WaitForSockets(wait, pace, out, err);
  return {up, out.str(), err.str()};
}

TEST(WaitForSockets, SocketThatAnswersIsUp) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "Redis.sock");
  const Outcome outcome = WaitFor({dir.path(), kLong, {Expected("redis")}});
  EXPECT_TRUE(outcome.up) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("redis is up"));
  EXPECT_THAT(outcome.out, HasSubstr("1 of 1 sockets up"));
}

TEST(WaitForSockets, LateFolderAndSocketAreWaitedFor) {
  const ScopedTempDir dir;
  const std::string folder = dir / "later";
  std::future<Outcome> waiting = std::async(std::launch::async, [&] {
    return WaitFor({folder, kLong, {Expected("redis")}});
  });
  EXPECT_EQ(waiting.wait_for(milliseconds{50}), std::future_status::timeout);
  std::filesystem::create_directory(folder);
  EXPECT_EQ(waiting.wait_for(milliseconds{50}), std::future_status::timeout);
  const FakeSocketServer server(folder + "/redis.sock");
  const Outcome outcome = waiting.get();
  EXPECT_TRUE(outcome.up) << outcome.err;
}

TEST(WaitForSockets, AbsentSocketIsToldWithItsMaker) {
  const ScopedTempDir dir;
  const ExpectedSocketArgument redis{
      "redis", {"cache", "store"}, "r/redis:1", false, "env was dropped"};
  const Outcome outcome = WaitFor({dir.path(), kShort, {redis}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err,
              HasSubstr("socket redis is absent: no such file in " + dir.path() +
                        "; the container of Components cache, store, image r/redis:1, should "
                        "have made it; env was dropped\n"));
}

TEST(WaitForSockets, StaleSocketIsToldAsRefused) {
  const ScopedTempDir dir;
  LeaveStaleSocket(dir / "redis.sock");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Expected("redis")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("socket redis refuses connections: " + (dir / "redis.sock") +
                                     ": nobody listens"));
}

TEST(WaitForSockets, MuteSocketIsToldAsMute) {
  const ScopedTempDir dir;
  const MuteSocket mute(dir / "redis.sock");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Expected("redis")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("socket redis is mute: " + (dir / "redis.sock") +
                                     ": no answer within 300 ms"));
}

TEST(WaitForSockets, EveryMissingSocketHasASentence) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "redis.sock");
  LeaveStaleSocket(dir / "kafka.sock");
  const Outcome outcome =
      WaitFor({dir.path(), kShort, {Expected("redis"), Expected("kafka"), Expected("sql")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("socket kafka refuses"));
  EXPECT_THAT(outcome.err, HasSubstr("socket sql is absent"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("socket redis")));
}

TEST(WaitForSockets, FileThatIsNoSocketIsAbsent) {
  const ScopedTempDir dir;
  dir.Write("redis.sock", "");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Expected("redis")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.out, HasSubstr("file redis.sock is no socket; daprd passes over it"));
  EXPECT_THAT(outcome.err, HasSubstr("socket redis is absent"));
}

TEST(WaitForSockets, SocketInASubfolderIsAbsent) {
  const ScopedTempDir dir;
  std::filesystem::create_directory(dir / "sub");
  const FakeSocketServer server(dir / "sub/redis.sock");
  EXPECT_FALSE(WaitFor({dir.path(), kShort, {Expected("redis")}}).up);
}

TEST(WaitForSockets, SoftSocketThatIsAbsentAtTheTimeOutIsForgiven) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "redis.sock");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Expected("redis"), Soft("cache")}});
  EXPECT_TRUE(outcome.up) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("going on without cache: absent"));
}

TEST(WaitForSockets, SoftSocketIsWaitedForLikeAnyOther) {
  const ScopedTempDir dir;
  std::future<Outcome> waiting = std::async(std::launch::async, [&] {
    return WaitFor({dir.path(), kLong, {Soft("cache")}});
  });
  EXPECT_EQ(waiting.wait_for(milliseconds{50}), std::future_status::timeout);
  const FakeSocketServer server(dir / "cache.sock");
  const Outcome outcome = waiting.get();
  EXPECT_TRUE(outcome.up);
  EXPECT_THAT(outcome.out, HasSubstr("cache is up"));
}

TEST(WaitForSockets, SoftSocketThatIsDeadIsNotForgiven) {
  const ScopedTempDir dir;
  LeaveStaleSocket(dir / "cache.sock");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Soft("cache")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("socket cache refuses connections"));
}

TEST(WaitForSockets, DeadSocketThatNobodyExpectsHoldsBack) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "redis.sock");
  LeaveStaleSocket(dir / "old.sock");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Expected("redis")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("socket file old.sock refuses connections"));
}

TEST(WaitForSockets, DeadSocketThatNobodyExpectsHoldsBackBesideAnAbsentSoftOne) {
  const ScopedTempDir dir;
  LeaveStaleSocket(dir / "old.sock");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Soft("cache")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("socket file old.sock refuses connections"));
}

TEST(WaitForSockets, DeadSocketThatComesToLifeLetsGo) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "redis.sock");
  LeaveStaleSocket(dir / "old.sock");
  std::future<Outcome> waiting = std::async(std::launch::async, [&] {
    return WaitFor({dir.path(), kLong, {Expected("redis")}});
  });
  EXPECT_EQ(waiting.wait_for(milliseconds{50}), std::future_status::timeout);
  std::filesystem::remove(dir / "old.sock");
  const FakeSocketServer revived(dir / "old.sock");
  EXPECT_TRUE(waiting.get().up);
}

TEST(WaitForSockets, SecondFileOfAnExpectedNameMustNotBeDead) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "redis.sock");
  LeaveStaleSocket(dir / "redis.old");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Expected("redis")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("socket file redis.old refuses connections"));
}

TEST(WaitForSockets, SocketThatDiesWhileAnotherIsAwaitedIsMissed) {
  const ScopedTempDir dir;
  std::optional<FakeSocketServer> redis(std::in_place, dir / "redis.sock");
  WaitPace pace = kQuick;
  pace.answer_holds = milliseconds{0};  // whatever answered is asked again at the end
  std::future<Outcome> waiting = std::async(std::launch::async, [&] {
    return WaitFor({dir.path(), milliseconds{700}, {Expected("redis"), Expected("kafka")}}, pace);
  });
  EXPECT_EQ(waiting.wait_for(milliseconds{50}), std::future_status::timeout);
  redis.reset();
  const FakeSocketServer kafka(dir / "kafka.sock");
  const Outcome outcome = waiting.get();
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("socket redis is absent"));
}

TEST(WaitForSockets, ProgressIsToldAgainAndAgain) {
  const ScopedTempDir dir;
  WaitPace pace = kQuick;
  pace.report_every = milliseconds{10};
  const Outcome outcome = WaitFor({dir.path(), milliseconds{200}, {Expected("redis")}}, pace);
  EXPECT_THAT(outcome.out, HasSubstr("still waiting after"));
  EXPECT_THAT(outcome.out, HasSubstr("redis is absent; 0 of 1 up"));
}

TEST(WaitForSockets, FolderThatIsAFileIsTold) {
  const ScopedTempDir dir;
  const Outcome outcome = WaitFor({dir.Write("file", ""), kShort, {Expected("redis")}});
  EXPECT_FALSE(outcome.up);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be read: Not a directory"));
}

TEST(WaitForSockets, ControlCharactersOfAFileNameStayOneLine) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "redis.sock");
  LeaveStaleSocket(dir / "a\nb.sock");
  const Outcome outcome = WaitFor({dir.path(), kShort, {Expected("redis")}});
  EXPECT_THAT(outcome.err, HasSubstr("socket file a?b.sock refuses"));
}

}  // namespace
}  // namespace injector::test
