#include "webhook/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/scoped_temp_dir.h"
#include "webhook/version.h"

namespace injector::test {
namespace {

using webhook::kInjectorScope;
using webhook::Log;
using webhook::LogLevel;
using webhook::LogOptions;
using webhook::ParseLogLevel;

class LogTest : public testing::Test {
 protected:
  [[nodiscard]] Log Open(LogOptions options) const {
    options.file = dir_ / "log";
    return *Log::Open(options);
  }
  [[nodiscard]] std::string Written() const {
    std::stringstream text;
    text << std::ifstream(dir_ / "log").rdbuf();
    return text.str();
  }

  ScopedTempDir dir_;
};

TEST_F(LogTest, TextLineHasDaprsSevenFields) {
  Open({}).Write(LogLevel::kInfo, kInjectorScope, "listening");
  EXPECT_THAT(Written(),
              testing::MatchesRegex("time=\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{9}Z\" "
                                    "level=info msg=\"listening\" instance=[^ ]+ "
                                    "scope=dapr.injector type=log ver=[0-9.]+\n"));
}

TEST_F(LogTest, JsonLineHasTheSameFields) {
  Open({.as_json = true}).Write(LogLevel::kWarning, webhook::kServiceScope, "say \"no\"");
  const auto line = nlohmann::json::parse(Written());
  EXPECT_EQ(line.size(), 7U);
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["msg"], "say \"no\"");
  EXPECT_EQ(line["scope"], "dapr.injector.service");
  EXPECT_EQ(line["type"], "log");
  EXPECT_EQ(line["ver"], webhook::Version());
  EXPECT_TRUE(line.contains("instance"));
  EXPECT_EQ(line["time"].get<std::string>().size(), 30U);
}

TEST_F(LogTest, MessageCannotForgeALine) {
  Open({}).Write(LogLevel::kInfo, kInjectorScope, "a\nlevel=fatal \"q\" \\ \x1b[31m\t\r");
  EXPECT_THAT(Written(),
              testing::HasSubstr("msg=\"a\\nlevel=fatal \\\"q\\\" \\\\ \\x1b[31m\\t\\r\""));
}

TEST_F(LogTest, BytesThatAreNoUtf8AreShownAsNumbers) {
  Open({.as_json = true})
      .Write(LogLevel::kInfo, kInjectorScope, "caf\xc3\xa9 \xff\xed\xa0\x80 \xf0\x9f\x98\x80");
  EXPECT_EQ(nlohmann::json::parse(Written())["msg"],
            "caf\xc3\xa9 \\xff\\xed\\xa0\\x80 \xf0\x9f\x98\x80");
}

TEST_F(LogTest, ControlsOfTwoBytesAreBlanks) {
  Open({}).Write(LogLevel::kInfo, kInjectorScope,
                 "a\xc2\x85level=fatal \xc2\x9b"
                 "31m \xc2\xa0");
  EXPECT_THAT(Written(), testing::HasSubstr("msg=\"a level=fatal  31m \xc2\xa0\""));
}

TEST_F(LogTest, LowerLevelsAreNotWritten) {
  Log log = Open({.level = LogLevel::kError});
  log.Write(LogLevel::kWarning, kInjectorScope, "quiet");
  log.Write(LogLevel::kError, kInjectorScope, "loud");
  EXPECT_FALSE(log.Writes(LogLevel::kWarning));
  EXPECT_THAT(Written(), testing::AllOf(testing::HasSubstr("loud"),
                                        testing::Not(testing::HasSubstr("quiet"))));
}

TEST_F(LogTest, LinesAreAppendedToAnExistingFile) {
  Open({}).Write(LogLevel::kInfo, kInjectorScope, "first");
  Open({}).Write(LogLevel::kInfo, kInjectorScope, "second");
  EXPECT_THAT(Written(), testing::HasSubstr("first"));
  EXPECT_THAT(Written(), testing::HasSubstr("second"));
}

TEST_F(LogTest, LinesBehindAreAllWrittenBeforeTheEnd) {
  {
    Log log = Open({});
    log.WriteBehind();
    for (int i = 0; i < 1000; ++i) {
      log.Write(LogLevel::kInfo, kInjectorScope, "line " + std::to_string(i));
    }
    EXPECT_EQ(log.LinesLost(), 0U);
  }
  const std::string written = Written();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1000);
  EXPECT_THAT(written, testing::HasSubstr("msg=\"line 999\""));
}

// What a pipe takes whole or not at all, its end included.
TEST_F(LogTest, LinesBehindFitIntoAPipe) {
  std::string blanks;
  for (int i = 0; i < 5000; ++i) blanks += "\xc2\x85";
  for (const std::string& message :
       {std::string(5000, 'a'), std::string(4000, '\x01'), std::string(3000, '\xE4'), blanks}) {
    for (const bool as_json : {false, true}) {
      std::filesystem::remove(dir_ / "log");
      {
        Log log = Open({.as_json = as_json});
        log.WriteBehind();
        log.Write(LogLevel::kInfo, kInjectorScope, message);
      }
      const std::string written = Written();
      EXPECT_LE(written.size(), 4096U);
      EXPECT_GT(written.size(), 1000U);
      EXPECT_THAT(written, testing::HasSubstr("...\""));
      EXPECT_TRUE(written.ends_with("\n"));
      EXPECT_EQ(nlohmann::json::accept(written), as_json);
    }
  }
}

TEST_F(LogTest, LineBehindThatFitsStaysWhole) {
  {
    Log log = Open({});
    log.WriteBehind();
    log.Write(LogLevel::kInfo, kInjectorScope, std::string(3800, 'a'));
  }
  EXPECT_THAT(Written(), testing::HasSubstr("\"" + std::string(3800, 'a') + "\""));
}

TEST(Log, FileThatCannotBeWrittenIsAnError) {
  const auto log = Log::Open({.file = "/proc/no-such-folder/log"});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, webhook::ErrorKind::kFile);
}

TEST(Log, SilentWritesNothing) {
  Log log = Log::Silent();
  EXPECT_FALSE(log.Writes(LogLevel::kFatal));
  log.Write(LogLevel::kFatal, kInjectorScope, "nobody reads this");
}

TEST(ParseLogLevel, NamesInAnyLetterCase) {
  EXPECT_EQ(ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("INFO"), LogLevel::kInfo);
  EXPECT_EQ(ParseLogLevel("warn"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("Warning"), LogLevel::kWarning);
  EXPECT_EQ(ParseLogLevel("error"), LogLevel::kError);
  EXPECT_EQ(ParseLogLevel("fatal"), LogLevel::kFatal);
  EXPECT_FALSE(ParseLogLevel("trace"));
  EXPECT_FALSE(ParseLogLevel(""));
}

}  // namespace
}  // namespace injector::test
