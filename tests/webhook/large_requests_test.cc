#include "webhook/large_requests.h"

#include <gtest/gtest.h>

#include "webhook/client_table.h"

namespace injector::test {
namespace {

using webhook::LargeRequests;
using webhook::Seat;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

class LargeRequestsTest : public testing::Test {
 protected:
  bool Begin(Seat& seat, std::size_t size) { return requests_.Begin(seat, size, now_); }
  Seat MakeSeat() {
    return {16, webhook::FileDescriptor(), webhook::MakePlainConnection(-1), shared_, {}};
  }

  const webhook::ServerOptions options_{};
  webhook::ClientShared shared_{.options = options_};
  Seat first_ = MakeSeat();
  Seat second_ = MakeSeat();
  Seat third_ = MakeSeat();
  LargeRequests requests_;
  webhook::TimePoint now_ = std::chrono::steady_clock::now();
};

TEST_F(LargeRequestsTest, UsualOnesNeverWait) {
  ASSERT_TRUE(Begin(first_, 8 * kMebibyte));
  ASSERT_FALSE(Begin(second_, 65'537));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(Begin(third_, 65'536));
}

TEST_F(LargeRequestsTest, TwoMebibytesBeginAtOnce) {
  EXPECT_TRUE(Begin(first_, kMebibyte));
  EXPECT_TRUE(Begin(second_, kMebibyte));
  EXPECT_FALSE(Begin(third_, 65'537));
  EXPECT_FALSE(requests_.HasNext());
  EXPECT_EQ(requests_.Next(), nullptr);
  EXPECT_TRUE(requests_.End(kMebibyte));
  EXPECT_TRUE(requests_.HasNext());
  EXPECT_EQ(requests_.Next(), &third_);
  EXPECT_EQ(requests_.Next(), nullptr);
}

TEST_F(LargeRequestsTest, OneThatIsTooMuchBeginsAlone) {
  EXPECT_TRUE(Begin(first_, 8 * kMebibyte));
  EXPECT_FALSE(Begin(second_, 8 * kMebibyte));
  EXPECT_TRUE(requests_.End(8 * kMebibyte));
  EXPECT_EQ(requests_.Next(), &second_);
  EXPECT_FALSE(requests_.End(0)) << "usual ones do not make room for large ones";
}

TEST_F(LargeRequestsTest, SmallerOnesDoNotOvertakeWhoeverWaits) {
  ASSERT_TRUE(Begin(first_, kMebibyte));
  ASSERT_FALSE(Begin(second_, 2 * kMebibyte));
  EXPECT_FALSE(Begin(third_, 65'537));
  EXPECT_EQ(requests_.Next(), nullptr);
  EXPECT_TRUE(requests_.End(kMebibyte));
  EXPECT_EQ(requests_.Next(), &second_);
  EXPECT_TRUE(requests_.End(2 * kMebibyte));
  EXPECT_EQ(requests_.Next(), &third_);
}

TEST_F(LargeRequestsTest, WhoHasWaitedTooLongIsTakenOut) {
  const webhook::TimePoint start = now_;
  ASSERT_TRUE(Begin(first_, 2 * kMebibyte));
  EXPECT_EQ(requests_.WaitsSince(), webhook::TimePoint::max());
  now_ += std::chrono::seconds(1);
  ASSERT_FALSE(Begin(second_, 2 * kMebibyte));
  now_ += std::chrono::seconds(1);
  ASSERT_FALSE(Begin(third_, kMebibyte));
  EXPECT_EQ(requests_.WaitsSince(), start + std::chrono::seconds(1));
  EXPECT_EQ(requests_.NextLate(start + std::chrono::milliseconds(999)), nullptr);
  EXPECT_EQ(requests_.NextLate(start + std::chrono::seconds(1)), &second_);
  EXPECT_EQ(requests_.NextLate(start + std::chrono::seconds(1)), nullptr);
  EXPECT_EQ(requests_.WaitsSince(), start + std::chrono::seconds(2));
  EXPECT_TRUE(requests_.End(2 * kMebibyte));
  EXPECT_EQ(requests_.Next(), &third_);
}

}  // namespace
}  // namespace injector::test
