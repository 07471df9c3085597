#include "runtime/socket_files.h"

#include <gtest/gtest.h>

#include <map>

#include "runtime/socket_connect.h"
#include "support/fake_socket.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using runtime::ComponentNameOf;
using runtime::ConnectFault;
using runtime::ConnectTo;
using runtime::FolderEntry;
using runtime::MayConnect;
using runtime::SocketFolderOf;

runtime::Environment Variables(std::map<std::string, std::string> variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST(SocketFolderOf, PluralNameWinsOverTheInjectorsOwn) {
  EXPECT_EQ(SocketFolderOf(Variables({{"DAPR_COMPONENTS_SOCKETS_FOLDER", "/a"},
                                      {"DAPR_COMPONENT_SOCKETS_FOLDER", "/b"}})),
            "/a");
  EXPECT_EQ(SocketFolderOf(Variables({{"DAPR_COMPONENT_SOCKETS_FOLDER", "/b"}})), "/b");
  EXPECT_EQ(SocketFolderOf(Variables({})), "/tmp/dapr-components-sockets");
}

TEST(ComponentNameOf, TextBeforeTheLastDotInLowerCase) {
  EXPECT_EQ(ComponentNameOf("Redis.sock"), "redis");
  EXPECT_EQ(ComponentNameOf("a.b.sock"), "a.b");
  EXPECT_EQ(ComponentNameOf("redis"), "redis");
  EXPECT_EQ(ComponentNameOf(".sock"), "");
}

TEST(MayConnect, FirstClassOfTheUserDecides) {
  FolderEntry entry;
  entry.owner = 1000;
  entry.group = 2000;
  entry.mode = 0620;
  EXPECT_TRUE(MayConnect(entry, {1000, 1}));
  EXPECT_TRUE(MayConnect(entry, {1, 2000}));
  EXPECT_FALSE(MayConnect(entry, {1, 1}));
  EXPECT_TRUE(MayConnect(entry, {0, 0}));
  entry.mode = 0066;
  EXPECT_FALSE(MayConnect(entry, {1000, 1})) << "the owner's bits bind the owner";
}

TEST(ConnectTo, FaultsAreToldApart) {
  const ScopedTempDir folder;
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(1);
  EXPECT_EQ(ConnectTo(folder / "absent", deadline).error().fault, ConnectFault::kAbsent);
  LeaveStaleSocket(folder / "stale");
  EXPECT_EQ(ConnectTo(folder / "stale", deadline).error().fault, ConnectFault::kRefused);
  EXPECT_EQ(ConnectTo(folder / std::string(200, 'a'), deadline).error().fault,
            ConnectFault::kTooLong);
  const MuteSocket mute(folder / "mute");
  EXPECT_TRUE(ConnectTo(folder / "mute", deadline));
}

}  // namespace
}  // namespace injector::test
