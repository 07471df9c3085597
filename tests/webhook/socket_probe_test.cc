#include "webhook/socket_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "tests/support/fake_socket.h"
#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using webhook::ProbeResult;
using webhook::ProbeSockets;
using webhook::SocketState;

constexpr milliseconds kPatient{5000};  // longer than any answer takes under a sanitizer
constexpr milliseconds kQuick{50};      // for those that never answer

ProbeResult ProbeOne(const std::string& path, milliseconds patience) {
  return ProbeSockets({path}, patience).at(0);
}

TEST(ProbeSockets, SettingsFrameIsUp) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "a.sock");
  EXPECT_EQ(ProbeOne(dir / "a.sock", kPatient).state, SocketState::kUp);
}

TEST(ProbeSockets, SettingsFrameWithSettingsIsUp) {
  const ScopedTempDir dir;
  const FakeSocketServer server(
      dir / "a.sock", std::string_view("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\144\0\0\4\10\0\0\0\0\0", 24));
  EXPECT_EQ(ProbeOne(dir / "a.sock", kPatient).state, SocketState::kUp);
}

TEST(ProbeSockets, MissingFileIsAbsent) {
  const ScopedTempDir dir;
  EXPECT_EQ(ProbeOne(dir / "a.sock", kPatient).state, SocketState::kAbsent);
  EXPECT_EQ(ProbeOne(dir / "folder/a.sock", kPatient).state, SocketState::kAbsent);
}

TEST(ProbeSockets, StaleFileIsRefused) {
  const ScopedTempDir dir;
  LeaveStaleSocket(dir / "a.sock");
  EXPECT_EQ(ProbeOne(dir / "a.sock", kPatient).state, SocketState::kRefused);
}

TEST(ProbeSockets, OwnerThatNeverAcceptsIsMute) {
  const ScopedTempDir dir;
  const MuteSocket mute(dir / "a.sock");
  const ProbeResult result = ProbeOne(dir / "a.sock", kQuick);
  EXPECT_EQ(result.state, SocketState::kMute);
  EXPECT_EQ(result.detail, "no answer within 50 ms");
}

struct WrongAnswer {
  std::string name;
  std::string bytes;
};

class ProbeSocketsWrongAnswer : public ::testing::TestWithParam<WrongAnswer> {};

TEST_P(ProbeSocketsWrongAnswer, IsMuteAtOnce) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "a.sock", GetParam().bytes);
  const ProbeResult result = ProbeOne(dir / "a.sock", kPatient);
  EXPECT_EQ(result.state, SocketState::kMute);
  EXPECT_EQ(result.detail, "its answer is not HTTP/2");
}

INSTANTIATE_TEST_SUITE_P(
    All, ProbeSocketsWrongAnswer,
    ::testing::Values(
        WrongAnswer{"http1", "HTTP/1.1 400 Bad Request\r\n\r\n"},
        WrongAnswer{"settings_acknowledgement", std::string("\0\0\0\4\1\0\0\0\0", 9)},
        WrongAnswer{"goaway_first", std::string("\0\0\10\7\0\0\0\0\0\0\0\0\0\0\0\0\1", 17)},
        WrongAnswer{"settings_on_a_stream", std::string("\0\0\0\4\0\0\0\0\1", 9)},
        WrongAnswer{"settings_of_odd_length", std::string("\0\0\5\4\0\0\0\0\0\0\0\0\0\0", 14)},
        WrongAnswer{"settings_beyond_16_kib", std::string("\1\0\0\4\0\0\0\0\0", 9)}),
    [](const auto& test) { return test.param.name; });

TEST(ProbeSockets, HalfASettingsFrameIsMute) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "a.sock", kSettingsFrame.substr(0, 8));
  EXPECT_EQ(ProbeOne(dir / "a.sock", kQuick).state, SocketState::kMute);
}

TEST(ProbeSockets, PathBeyondTheAddressIsRefusedWithTheReason) {
  const ProbeResult result = ProbeOne("/tmp/" + std::string(103, 'a'), kPatient);
  EXPECT_EQ(result.state, SocketState::kRefused);
  EXPECT_EQ(result.detail, "its path is longer than 107 bytes");
}

TEST(ProbeSockets, LongestPathThatFitsIsProbed) {
  EXPECT_EQ(ProbeOne("/tmp/" + std::string(102, 'a'), kPatient).state, SocketState::kAbsent);
}

TEST(ProbeSockets, MuteSocketsShareOnePatience) {
  const ScopedTempDir dir;
  const MuteSocket first(dir / "a.sock");
  const MuteSocket second(dir / "b.sock");
  const MuteSocket third(dir / "c.sock");
  const FakeSocketServer server(dir / "d.sock");
  const auto begin = steady_clock::now();
  const auto results = ProbeSockets(
      {dir / "a.sock", dir / "b.sock", dir / "c.sock", dir / "d.sock"}, milliseconds{1000});
  EXPECT_LT(steady_clock::now() - begin, milliseconds{2500}) << "one after the other takes 3 s";
  EXPECT_EQ(results[2].state, SocketState::kMute);
  EXPECT_EQ(results[3].state, SocketState::kUp);
}

// Permission is not asked of root: the probe runs in a child that is nobody.
TEST(ProbeSockets, SocketOfAnotherUserIsDenied) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a socket that another user may not use";
  const ScopedTempDir dir;
  std::filesystem::permissions(dir.path(), std::filesystem::perms(0755));
  const MuteSocket socket(dir / "a.sock");
  ASSERT_EQ(::chmod((dir / "a.sock").c_str(), 0755), 0);
  const std::string path = dir / "a.sock";
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const bool changed = ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0;
    const bool denied = changed && ProbeOne(path, kQuick).state == SocketState::kDenied;
    ::_exit(denied ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace injector::test
