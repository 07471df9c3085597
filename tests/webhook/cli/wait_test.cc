#include "webhook/cli/wait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <sstream>

#include "tests/support/fake_socket.h"
#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using ::testing::HasSubstr;
using webhook::RunWait;
using webhook::WaitOptions;

WaitOptions Options(std::string folder, std::string socket, std::chrono::milliseconds timeout) {
  return {std::move(folder), timeout, {{std::move(socket), {}, "", false, ""}}};
}

TEST(RunWait, SocketUpExitsWithZero) {
  const ScopedTempDir dir;
  const FakeSocketServer server(dir / "redis.sock");
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunWait(Options(dir.path(), "redis", std::chrono::seconds{20}), out, err), 0);
  EXPECT_EQ(err.str(), "");
}

TEST(RunWait, SocketMissingExitsWithOne) {
  const ScopedTempDir dir;
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunWait(Options(dir.path(), "redis", std::chrono::milliseconds{0}), out, err), 1);
  EXPECT_THAT(err.str(), HasSubstr("socket redis is absent"));
}

TEST(RunWait, NameThatCanNeverBeConnectedToEndsAtOnce) {
  std::ostringstream out;
  std::ostringstream err;
  const std::string folder = "/tmp/" + std::string(100, 'f');
  EXPECT_EQ(RunWait(Options(folder, "redis", std::chrono::hours{1}), out, err), 1);
  EXPECT_THAT(err.str(), HasSubstr("socket redis can never be up"));
  EXPECT_THAT(err.str(), HasSubstr("has 111 bytes"));
}

// The child waits for an hour; it tells through the pipe, with its first line, that it waits.
int ExitCodeAfter(int signal, const std::string& folder) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    std::ostringstream err;
    ::_exit(RunWait(Options(folder, "redis", std::chrono::hours{1}), std::cout, err));
  }
  ::close(ends[1]);
  char first = 0;
  const bool waits = ::read(ends[0], &first, 1) == 1 && ::kill(child, signal) == 0;
  int status = -1;
  ::waitpid(child, &status, 0);
  ::close(ends[0]);
  return waits && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(RunWait, TerminationEndsItAtOnceWith143) {
  const ScopedTempDir dir;
  EXPECT_EQ(ExitCodeAfter(SIGTERM, dir.path()), 143);
}

TEST(RunWait, InterruptEndsItAtOnceWith130) {
  const ScopedTempDir dir;
  EXPECT_EQ(ExitCodeAfter(SIGINT, dir.path()), 130);
}

}  // namespace
}  // namespace injector::test
