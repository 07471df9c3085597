#include "listener.h"

#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using dapr::component::ErrorKind;
using dapr::component::Listener;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

void CloseDescriptor(int descriptor) {
  ::close(descriptor);
}

// Out: 0 or the errno of connect().
int Connect(const std::string& path) {
  const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int result =
      ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int number = result == 0 ? 0 : errno;
  ::close(client);
  return number;
}

// A socket file that nobody listens on, as a killed process leaves it.
void LeaveStaleSocket(const std::string& path) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(server);
}

class ListenerTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return dir_ / name; }
  ScopedTempDir dir_;
};

TEST_F(ListenerTest, BoundSocketIsNotVisibleAsAFileBeforePublish) {
  const auto listener = Listener::Bind(Path("a.sock"), {});
  ASSERT_TRUE(listener) << listener.error().message;
  for (const auto& entry : fs::directory_iterator(dir_.path()))
    EXPECT_TRUE(entry.is_directory()) << entry.path() << ": the runtime's scan skips folders only";
}

TEST_F(ListenerTest, PublishedSocketAcceptsAndHidesItsStagingFolder) {
  auto listener = Listener::Bind(Path("a.sock"), {});
  ASSERT_TRUE(listener);
  ASSERT_TRUE((*listener)->Publish(CloseDescriptor));
  EXPECT_EQ(Connect(Path("a.sock")), 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_.path()), fs::directory_iterator()), 1);
}

TEST_F(ListenerTest, ModeDoesNotDependOnTheUmaskAndLeavesItAlone) {
  const mode_t before = ::umask(0077);
  auto listener = Listener::Bind(Path("deep/folder/a.sock"), {});
  const bool published = listener && (*listener)->Publish(CloseDescriptor);
  const mode_t after = ::umask(before);
  ASSERT_TRUE(published);
  EXPECT_EQ(after, 0077U);
  struct stat status {};
  ASSERT_EQ(::stat(Path("deep/folder/a.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0666U);
  ASSERT_EQ(::stat(Path("deep/folder").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0755U);
}

TEST_F(ListenerTest, StaleSocketIsReplaced) {
  LeaveStaleSocket(Path("a.sock"));
  ASSERT_EQ(Connect(Path("a.sock")), ECONNREFUSED);
  auto listener = Listener::Bind(Path("a.sock"), {});
  ASSERT_TRUE(listener);
  ASSERT_TRUE((*listener)->Publish(CloseDescriptor));
  EXPECT_EQ(Connect(Path("a.sock")), 0);
}

TEST_F(ListenerTest, SocketThatAnswersIsInUseAndLeftAlone) {
  auto first = Listener::Bind(Path("a.sock"), {});
  ASSERT_TRUE(first);
  ASSERT_TRUE((*first)->Publish(CloseDescriptor));
  auto second = Listener::Bind(Path("a.sock"), {});
  ASSERT_TRUE(second);
  const auto published = (*second)->Publish(CloseDescriptor);
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(published.error().message, HasSubstr("a.sock is in use"));
  second->reset();
  EXPECT_EQ(Connect(Path("a.sock")), 0);
}

TEST_F(ListenerTest, FileThatIsNoSocketIsLeftAlone) {
  std::ofstream(Path("a.sock")) << "precious";
  auto listener = Listener::Bind(Path("a.sock"), {});
  ASSERT_TRUE(listener);
  const auto published = (*listener)->Publish(CloseDescriptor);
  ASSERT_FALSE(published);
  EXPECT_THAT(published.error().message, HasSubstr("is no socket"));
  listener->reset();
  EXPECT_EQ(fs::file_size(Path("a.sock")), 8U);
}

TEST_F(ListenerTest, FolderThatIsAFileIsNamed) {
  std::ofstream(Path("file")) << "x";
  const auto listener = Listener::Bind(Path("file/a.sock"), {});
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("file is not a folder"));
}

TEST_F(ListenerTest, FolderThatCannotBeMadeIsNamedWithTheCause) {
  const auto listener = Listener::Bind("/proc/sockets/a.sock", {});
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("cannot create socket folder /proc/sockets: "));
}

TEST_F(ListenerTest, FolderThatCannotBeWrittenIsNamedWithTheAdvice) {
  fs::permissions(dir_.path(), fs::perms(0555));
  // Root may write anywhere; one of its threads can give that up for its file accesses.
  std::thread([this] {
    if (::getuid() == 0) ::setfsuid(65532);
    const auto listener = Listener::Bind(Path("a.sock"), {});
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().kind, ErrorKind::kPermissionDenied);
    EXPECT_THAT(listener.error().message,
                AllOf(HasSubstr("cannot write to socket folder " + dir_.path()),
                      HasSubstr("give this user write permission")));
  }).join();
  fs::permissions(dir_.path(), fs::perms(0755));
}

TEST_F(ListenerTest, CloseRemovesTheSocket) {
  auto listener = Listener::Bind(Path("a.sock"), {});
  ASSERT_TRUE(listener);
  ASSERT_TRUE((*listener)->Publish(CloseDescriptor));
  (*listener)->Close();
  EXPECT_FALSE(fs::exists(Path("a.sock")));
}

TEST_F(ListenerTest, CloseLeavesASocketThatAnotherProcessPutThere) {
  auto listener = Listener::Bind(Path("a.sock"), {});
  ASSERT_TRUE(listener);
  ASSERT_TRUE((*listener)->Publish(CloseDescriptor));
  fs::remove(Path("a.sock"));
  LeaveStaleSocket(Path("a.sock"));
  (*listener)->Close();
  EXPECT_TRUE(fs::exists(Path("a.sock")));
}

TEST_F(ListenerTest, FailedPublishLeavesNothingBehind) {
  std::ofstream(Path("a.sock")) << "x";
  {
    auto listener = Listener::Bind(Path("a.sock"), {});
    ASSERT_TRUE(listener);
    ASSERT_FALSE((*listener)->Publish(CloseDescriptor));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_.path()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace injector::test
