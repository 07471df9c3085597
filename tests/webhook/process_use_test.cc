#include "webhook/process_use.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>

namespace injector::test {
namespace {

using webhook::ReadProcessUse;

TEST(ReadProcessUse, NumbersAreThoseOfAProcessThatRuns) {
  const auto use = ReadProcessUse();
  EXPECT_GT(use.resident_memory_bytes, 1e6);
  EXPECT_GE(use.virtual_memory_bytes, use.resident_memory_bytes);
  EXPECT_GE(use.threads, 1);
  EXPECT_GE(use.open_fds, 3);
  EXPECT_GT(use.max_fds, use.open_fds);
}

TEST(ReadProcessUse, StartIsWithinThisRun) {
  const auto now = static_cast<double>(std::time(nullptr));
  const double start = ReadProcessUse().start_time_seconds;
  EXPECT_LE(start, now + 2);
  EXPECT_GE(start, now - 600);
}

TEST(ReadProcessUse, OpenedFileIsCounted) {
  const double before = ReadProcessUse().open_fds;
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(ReadProcessUse().open_fds, before + 1);
  ::close(fd);
}

TEST(ReadProcessUse, WorkAddsToTheCpuTime) {
  const double before = ReadProcessUse().cpu_seconds;
  const std::clock_t start = std::clock();
  while (std::clock() - start < CLOCKS_PER_SEC / 20) {
  }
  EXPECT_GT(ReadProcessUse().cpu_seconds, before);
}

}  // namespace
}  // namespace injector::test
