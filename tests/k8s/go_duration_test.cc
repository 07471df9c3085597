#include "k8s/go_duration.h"

#include <gtest/gtest.h>

namespace injector::test {
namespace {

using namespace std::chrono_literals;
using k8s::ParseGoDuration;

TEST(ParseGoDuration, ReadsWhatGoWrites) {
  EXPECT_EQ(ParseGoDuration("10s"), 10s);
  EXPECT_EQ(ParseGoDuration("1.5s"), 1500ms);
  EXPECT_EQ(ParseGoDuration(".5s"), 500ms);
  EXPECT_EQ(ParseGoDuration("500ms"), 500ms);
  EXPECT_EQ(ParseGoDuration("1m30s"), 90s);
  EXPECT_EQ(ParseGoDuration("1h"), 1h);
  EXPECT_EQ(ParseGoDuration("7us"), 7us);
  EXPECT_EQ(ParseGoDuration("7\xc2\xb5s"), 7us);
  EXPECT_EQ(ParseGoDuration("9ns"), 9ns);
  EXPECT_EQ(ParseGoDuration("0"), 0s);
}

TEST(ParseGoDuration, LimitIsADayUnlessOneIsGiven) {
  EXPECT_EQ(ParseGoDuration("24h"), 24h);
  EXPECT_EQ(ParseGoDuration("24h1ns"), std::nullopt);
  EXPECT_EQ(ParseGoDuration("720h", 720h), 720h);
  EXPECT_EQ(ParseGoDuration("720h1s", 720h), std::nullopt);
}

TEST(ParseGoDuration, AnythingElseIsNone) {
  for (const char* text : {"", "10", "s", "-1s", "1.s.", "1..5s", ".s", "10 s", "10S", "1d", "25h",
                           "99999999999999999999h"}) {
    EXPECT_EQ(ParseGoDuration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace injector::test
