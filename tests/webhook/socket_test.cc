#include "webhook/socket.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace injector::test {
namespace {

using webhook::FileDescriptor;

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
