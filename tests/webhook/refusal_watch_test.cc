#include "webhook/refusal_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using webhook::RefusalWatch;
using webhook::TimePoint;

class RefusalWatchTest : public testing::Test, public webhook::RefusalObserver {
 protected:
  void Refused(int http_status) override { told_.push_back(std::to_string(http_status)); }
  void OverloadBegan(std::string_view why) override {
    told_.push_back("began: " + std::string(why));
  }
  void OverloadEnded(std::uint64_t refused) override {
    told_.push_back("ended after " + std::to_string(refused));
  }
  void LookAfter(milliseconds time) {
    now_ += time;
    watch_.Look(now_);
  }

  TimePoint now_ = std::chrono::steady_clock::now();
  std::vector<std::string> told_;
  int wakes_ = 0;
  RefusalWatch watch_{this, [this] { ++wakes_; }};
};

TEST_F(RefusalWatchTest, OverloadIsToldOnceWhenItBeginsAndOnceWhenItEnds) {
  watch_.Note(503, "too many");
  EXPECT_EQ(wakes_, 1);
  LookAfter(milliseconds(0));
  watch_.Note(503, "too many");
  EXPECT_EQ(wakes_, 1);
  LookAfter(milliseconds(4000));
  EXPECT_EQ(watch_.NextLook(), now_ + milliseconds(5000));
  LookAfter(milliseconds(4999));
  EXPECT_THAT(told_, ElementsAre("503", "began: too many", "503"));
  LookAfter(milliseconds(1));
  EXPECT_THAT(told_, ElementsAre("503", "began: too many", "503", "ended after 2"));
  EXPECT_EQ(watch_.NextLook(), TimePoint::max());
}

TEST_F(RefusalWatchTest, OverloadThatComesAgainIsToldAgain) {
  watch_.Note(503, "too many");
  LookAfter(milliseconds(0));
  LookAfter(milliseconds(5000));
  watch_.Note(503, "too many");
  EXPECT_EQ(wakes_, 2);
  LookAfter(milliseconds(0));
  LookAfter(milliseconds(5000));
  EXPECT_THAT(told_, ElementsAre("503", "began: too many", "ended after 1", "503",
                                 "began: too many", "ended after 1"));
}

TEST_F(RefusalWatchTest, OtherRefusalsAreNoOverload) {
  watch_.Note(413, "too large");
  LookAfter(milliseconds(0));
  EXPECT_EQ(wakes_, 0);
  EXPECT_THAT(told_, ElementsAre("413"));
}

}  // namespace
}  // namespace injector::test
