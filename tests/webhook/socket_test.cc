#include "webhook/socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using webhook::FileDescriptor;

// A pipe that has input, or none.
class Pipe {
 public:
  explicit Pipe(bool has_input) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    out_ = FileDescriptor(ends[0]);
    in_ = FileDescriptor(ends[1]);
    if (has_input) {
      EXPECT_EQ(::write(in_.get(), "x", 1), 1);
    }
  }
  [[nodiscard]] int out() const { return out_.get(); }

 private:
  FileDescriptor out_;
  FileDescriptor in_;
};

TEST(RaiseDescriptorLimit, AllowsAsManyAsTheSystemDoes) {
  webhook::RaiseDescriptorLimit();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_GE(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 65536));
}

TEST(FileDescriptor, AssignmentClosesWhatItHeld) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  writer = FileDescriptor();
  char byte = 0;
  EXPECT_EQ(::read(reader.get(), &byte, 1), 0) << "the end of a pipe whose writer is closed";
}

TEST(WaitFor, DeadlineEndsTheWait) {
  const Pipe empty(false);
  EXPECT_FALSE(webhook::WaitFor(empty.out(), POLLIN, steady_clock::now() + milliseconds(5)));
  EXPECT_FALSE(webhook::WaitFor(empty.out(), POLLIN, steady_clock::now() - seconds(5)));
}

TEST(WaitFor, InputEndsTheWait) {
  const Pipe full(true);
  EXPECT_TRUE(webhook::WaitFor(full.out(), POLLIN, steady_clock::now() + seconds(10)));
}

TEST(WaitForInput, WakingEndsTheWaitWithoutInput) {
  const Pipe empty(false);
  const Pipe wake(true);
  EXPECT_FALSE(webhook::WaitForInput(empty.out(), wake.out(), steady_clock::now() + seconds(10)));
}

TEST(WaitForInput, InputCountsMoreThanWaking) {
  const Pipe full(true);
  const Pipe wake(true);
  EXPECT_TRUE(webhook::WaitForInput(full.out(), wake.out(), steady_clock::now() + seconds(10)));
}

TEST(Listen, NameThatIsNoneIsAnError) {
  const auto listener = webhook::Listen("no such host", 0);
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().kind, webhook::ErrorKind::kListen);
}

TEST(Listen, AddressAndPortAreThoseItGot) {
  const auto listener = webhook::Listen("127.0.0.1", 0);
  ASSERT_TRUE(listener) << listener.error().Text();
  EXPECT_GT(listener->port, 0);
  EXPECT_EQ(listener->address, "127.0.0.1:" + std::to_string(listener->port));
}

}  // namespace
}  // namespace injector::test
