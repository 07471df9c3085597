#include "webhook/socket_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/fake_socket.h"
#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using webhook::ComponentNameOf;
using webhook::IsSocketCalled;
using webhook::ListSockets;

TEST(ListSockets, FolderThatIsMissingHoldsNoneAndIsNoFault) {
  const ScopedTempDir dir;
  const webhook::SocketFolder listed = ListSockets(dir / "later");
  EXPECT_THAT(listed.sockets, IsEmpty());
  EXPECT_EQ(listed.fault, "");
}

TEST(ListSockets, FileInPlaceOfTheFolderIsAFault) {
  const ScopedTempDir dir;
  EXPECT_NE(ListSockets(dir.Write("file", "")).fault, "");
}

TEST(ListSockets, SocketsAreListedByName) {
  const ScopedTempDir dir;
  LeaveStaleSocket(dir / "b.sock");
  LeaveStaleSocket(dir / "a");
  const webhook::SocketFolder listed = ListSockets(dir.path());
  ASSERT_THAT(listed.sockets, SizeIs(2));
  EXPECT_EQ(listed.sockets[0].name, "a");
  EXPECT_EQ(listed.sockets[1].name, "b.sock");
}

TEST(ListSockets, FilesAndLinksAreNoSocketsAndFoldersAreSkipped) {
  const ScopedTempDir dir;
  LeaveStaleSocket(dir / "real.sock");
  std::filesystem::create_symlink(dir / "real.sock", dir / "link.sock");
  dir.Write("note.txt", "text");
  dir.Write("sub/hidden.sock", "");
  const webhook::SocketFolder listed = ListSockets(dir.path());
  ASSERT_THAT(listed.sockets, SizeIs(1));
  EXPECT_EQ(listed.sockets[0].name, "real.sock");
  EXPECT_THAT(listed.not_sockets, ElementsAre("link.sock", "note.txt"));
}

TEST(ListSockets, FileThatTookANameHasAnotherIdentity) {
  const ScopedTempDir dir;
  LeaveStaleSocket(dir / "a.sock");
  const auto before = ListSockets(dir.path()).sockets.at(0).identity;
  LeaveStaleSocket(dir / "b.sock");
  std::filesystem::rename(dir / "b.sock", dir / "a.sock");
  EXPECT_NE(ListSockets(dir.path()).sockets.at(0).identity, before);
}

TEST(ComponentNameOf, OnlyTheLastExtensionIsCut) {
  EXPECT_EQ(ComponentNameOf("a.b.sock"), "a.b");
  EXPECT_EQ(ComponentNameOf("redis"), "redis");
  EXPECT_EQ(ComponentNameOf(".sock"), "");
}

TEST(IsSocketCalled, LetterCaseAndExtensionDoNotCount) {
  EXPECT_TRUE(IsSocketCalled("Redis.SOCK", "rEDIS"));
  EXPECT_TRUE(IsSocketCalled("redis", "redis"));
  EXPECT_FALSE(IsSocketCalled("redis.v2.sock", "redis"));
  EXPECT_FALSE(IsSocketCalled("redi.sock", "redis"));
}

}  // namespace
}  // namespace injector::test
