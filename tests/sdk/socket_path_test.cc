#include "socket_path.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

namespace injector::test {
namespace {

using dapr::component::BuildSocketPath;
using dapr::component::Environment;
using dapr::component::ResolveSocketFolder;
using ::testing::HasSubstr;

Environment Variables(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

TEST(SocketFolder, NothingSetIsTheDefault) {
  EXPECT_EQ(ResolveSocketFolder("", Variables({})).value(), "/tmp/dapr-components-sockets");
}

TEST(SocketFolder, OptionComesBeforeTheEnvironment) {
  EXPECT_EQ(
      ResolveSocketFolder("/option", Variables({{"DAPR_COMPONENTS_SOCKETS_FOLDER", "/a"}})).value(),
      "/option");
}

TEST(SocketFolder, VariablesAreReadInTheRuntimesOrder) {
  const std::map<std::string, std::string> all = {{"DAPR_COMPONENTS_SOCKETS_FOLDER", "/first"},
                                                  {"DAPR_COMPONENT_SOCKETS_FOLDER", "/second"},
                                                  {"DAPR_COMPONENT_SOCKET_FOLDER", "/third"}};
  auto rest = all;
  EXPECT_EQ(ResolveSocketFolder("", Variables(rest)).value(), "/first");
  rest.erase("DAPR_COMPONENTS_SOCKETS_FOLDER");
  EXPECT_EQ(ResolveSocketFolder("", Variables(rest)).value(), "/second");
  rest.erase("DAPR_COMPONENT_SOCKETS_FOLDER");
  EXPECT_EQ(ResolveSocketFolder("", Variables(rest)).value(), "/third");
}

TEST(SocketFolder, RelativeFolderIsRefusedByName) {
  const auto folder = ResolveSocketFolder("sockets", Variables({}));
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("\"sockets\" is not absolute"));
}

TEST(SocketPath, ExtensionIsTakenWithOrWithoutItsDot) {
  EXPECT_EQ(BuildSocketPath("/f", "redis", std::nullopt, Variables({})).value(), "/f/redis.sock");
  EXPECT_EQ(BuildSocketPath("/f", "redis", "uds", Variables({})).value(), "/f/redis.uds");
  EXPECT_EQ(BuildSocketPath("/f", "redis", ".uds", Variables({})).value(), "/f/redis.uds");
  EXPECT_EQ(BuildSocketPath("/f", "redis", "", Variables({})).value(), "/f/redis");
  EXPECT_EQ(BuildSocketPath("/f", "redis", std::nullopt,
                            Variables({{"DAPR_COMPONENTS_SOCKETS_EXTENSION", ".s"}}))
                .value(),
            "/f/redis.s");
}

TEST(SocketPath, DottedNameWithoutExtensionIsRefused) {
  EXPECT_FALSE(BuildSocketPath("/f", "a.b", "", Variables({})));
  EXPECT_EQ(BuildSocketPath("/f", "a.b", std::nullopt, Variables({})).value(), "/f/a.b.sock");
}

TEST(SocketPath, NameThatIsNoFileNameIsRefused) {
  for (const char* name : {"", ".", "..", "a/b", "a b", "a\nb"})
    EXPECT_FALSE(BuildSocketPath("/f", name, std::nullopt, Variables({}))) << name;
}

TEST(SocketPath, HundredAndSevenBytesFitAndOneMoreIsRefusedWithThePath) {
  const std::string folder = "/" + std::string(99, 'f');
  EXPECT_TRUE(BuildSocketPath(folder, "a", "sock", Variables({})));
  const auto refused = BuildSocketPath(folder, "ab", "sock", Variables({}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(folder + "/ab.sock"));
  EXPECT_THAT(refused.error().message, HasSubstr("at most 107"));
}

}  // namespace
}  // namespace injector::test
