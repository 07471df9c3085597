#include "webhook/admission_log.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace injector::test {
namespace {

using patch::Admission;
using patch::Reason;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using webhook::LogLevel;
using webhook::Review;

class AdmissionLog : public testing::Test {
 protected:
  AdmissionLog() {
    file_ = std::filesystem::path(testing::TempDir()) /
            ("admission_log." + std::to_string(getpid()) + "." +
             testing::UnitTest::GetInstance()->current_test_info()->name());
    review_.uid = "u-1";
    review_.kind = "Pod";
    review_.operation = "CREATE";
    review_.namespace_name = "shop";
    review_.name = "orders-1";
    review_.caller.username = "alice";
    admission_.app_id = "orders";
  }
  ~AdmissionLog() override { std::filesystem::remove(file_); }

  // "level message" of each line.
  std::vector<std::string> Lines(LogLevel level) {
    {
      auto log = webhook::Log::Open({level, false, file_.string()});
      EXPECT_TRUE(log.has_value());
      webhook::LogAdmission(*log, review_, admission_);
    }
    std::vector<std::string> lines;
    std::ifstream stream(file_);
    for (std::string line; std::getline(stream, line);) {
      const auto level_at = line.find("level=") + 6;
      const auto message_at = line.find("msg=\"") + 5;
      const auto message_end = line.find("\" instance=");
      lines.push_back(line.substr(level_at, line.find(' ', level_at) - level_at) + " " +
                      line.substr(message_at, message_end - message_at));
    }
    return lines;
  }

  std::filesystem::path file_;
  Review review_;
  Admission admission_;
};

TEST_F(AdmissionLog, InjectedPodHasALineOnWhoAskedAndOneOnTheVerdict) {
  admission_.decisions = {{Reason::kPodInjected, "", "daprd injected"}};
  EXPECT_THAT(Lines(LogLevel::kInfo),
              ElementsAre("info admission review: kind=Pod namespace=shop name=orders-1 uid=u-1 "
                          "operation=CREATE user=alice",
                          "info app id orders: daprd injected [pod/injected]"));
}

TEST_F(AdmissionLog, PodThatDidNotOptInHasNoLine) {
  admission_.decisions = {{Reason::kPodNotEnabled, "", "not enabled"}};
  EXPECT_THAT(Lines(LogLevel::kInfo), IsEmpty());
}

TEST_F(AdmissionLog, CallerWhoMayNotIsAnError) {
  admission_.decisions = {{Reason::kPodCallerNotAllowed, "", "not injected"}};
  EXPECT_THAT(Lines(LogLevel::kError),
              ElementsAre("error app id orders: not injected [pod/caller-not-allowed]"));
}

TEST_F(AdmissionLog, WhatIsNotGivenIsAWarningAndWhatWentAsAskedIsForDebugging) {
  admission_.decisions = {{Reason::kPodInjected, "", "daprd injected"},
                          {Reason::kComponentInjected, "kafka", "injected"},
                          {Reason::kComponentNoImage, "redis", "names no image"}};
  EXPECT_THAT(Lines(LogLevel::kWarning),
              ElementsAre("warning app id orders: component redis: names no image "
                          "[component/no-image]"));
  std::filesystem::remove(file_);
  EXPECT_THAT(Lines(LogLevel::kDebug), SizeIs(4));
}

TEST_F(AdmissionLog, WarningsBeyondTwentyAreCounted) {
  admission_.decisions = {{Reason::kPodInjected, "", "daprd injected"}};
  for (int i = 0; i < 23; ++i) {
    admission_.decisions.push_back({Reason::kComponentNoImage, "c", "names no image"});
  }
  const auto lines = Lines(LogLevel::kWarning);
  ASSERT_THAT(lines, SizeIs(21));
  EXPECT_EQ(lines.back(), "warning and 3 warnings more on that pod");
}

TEST_F(AdmissionLog, LongFieldsAreCut) {
  const std::string long_name(100'000, 'x');
  review_.name = long_name;
  admission_.decisions = {{Reason::kPodInjected, "", "daprd injected"}};
  EXPECT_LT(Lines(LogLevel::kInfo)[0].size(), 500U);
}

TEST(DescribeException, SaysWhatAndOnWhichReview) {
  Review review;
  review.kind = "Pod";
  review.uid = "u-1";
  EXPECT_EQ(webhook::DescribeException(&review, "bug"),
            "exception while answering a request: bug; admission review: kind=Pod namespace= "
            "name= uid=u-1 operation= user=");
}

TEST(DescribeException, WithoutReviewSaysWhat) {
  EXPECT_EQ(webhook::DescribeException(nullptr, "bug"), "exception while answering a request: bug");
}

}  // namespace
}  // namespace injector::test
