#include "runtime/probe/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace injector::test {
namespace {

using runtime::Arguments;
using runtime::Command;
using runtime::Spoken;
using testing::HasSubstr;
using namespace std::chrono_literals;

tl::expected<Arguments, Spoken> Parse(std::vector<std::string> words) {
  words.insert(words.begin(), "component-probe");
  return runtime::ParseCommandLine(words, [](const std::string&) { return std::nullopt; });
}

TEST(ProbeCommandLine, DiscoverTakesItsFlags) {
  const auto parsed = Parse({"discover", "--folder", "/run/x", "-o", "json", "--daprd-user",
                             "1000:2000", "--connect-timeout", "1.5s", "--watch"});
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(parsed->command, Command::kDiscover);
  EXPECT_EQ(parsed->folder, "/run/x");
  EXPECT_TRUE(parsed->json);
  EXPECT_TRUE(parsed->watch);
  EXPECT_EQ(parsed->probe.daprd_user->uid, 1000U);
  EXPECT_EQ(parsed->probe.daprd_user->gid, 2000U);
  EXPECT_EQ(parsed->probe.connect_timeout, 1500ms);
}

TEST(ProbeCommandLine, OwnUserIsNobodyElse) {
  const auto parsed = Parse({"discover", "--daprd-user", "self"});
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->probe.daprd_user);
  EXPECT_EQ(parsed->folder, "/tmp/dapr-components-sockets");
}

TEST(ProbeCommandLine, WrongUsageIsCode2AndSaysWhere) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"discver"},
      {"discover", "--daprd-user", "root"},
      {"discover", "--connect-timeout", "3"},
      {"discover", "-o", "yaml"},
      {"discover", "extra"},
  };
  for (const auto& words : wrong) {
    const auto parsed = Parse(words);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().exit_code, 2);
    EXPECT_THAT(parsed.error().text, HasSubstr("component-probe"));
  }
}

TEST(ProbeCommandLine, HelpOfACommandHasAnExample) {
  const auto parsed = Parse({"discover", "--help"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().exit_code, 0);
  EXPECT_THAT(parsed.error().text, HasSubstr("component-probe discover --folder"));
}

}  // namespace
}  // namespace injector::test
