#include "webhook/process_use.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>

namespace injector::webhook {
namespace {

// Fields of /proc/self/stat, counted from the one after the command's closing parenthesis; proc(5)
// counts from 1 and calls that one number 3.
constexpr int kUserTicks = 14 - 3;
constexpr int kSystemTicks = 15 - 3;
constexpr int kThreads = 20 - 3;
constexpr int kStartTicks = 22 - 3;
constexpr int kVirtualBytes = 23 - 3;
constexpr int kResidentPages = 24 - 3;

double BootTime() {
  std::ifstream stat("/proc/stat");
  std::string word;
  double seconds = 0;
  while (stat >> word) {
    if (word == "btime" && stat >> seconds) return seconds;
    stat.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

double OpenFds() {
  std::error_code code;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", code), end; !code && entry != end;
       entry.increment(code)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // without the one that reads the folder
}

double MaxFds() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

void TakeField(int index, double value, ProcessUse& use) {
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  switch (index) {
    case kUserTicks:
    case kSystemTicks:
      use.cpu_seconds += value / ticks;
      break;
    case kThreads:
      use.threads = value;
      break;
    case kStartTicks:
      use.start_time_seconds = BootTime() + value / ticks;
      break;
    case kVirtualBytes:
      use.virtual_memory_bytes = value;
      break;
    case kResidentPages:
      use.resident_memory_bytes = value * static_cast<double>(::sysconf(_SC_PAGESIZE));
      break;
    default:
      break;
  }
}

}  // namespace

ProcessUse ReadProcessUse() {
  ProcessUse use{.open_fds = OpenFds(), .max_fds = MaxFds()};
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto command_end = line.rfind(')');
  if (command_end == std::string::npos) return use;
  std::istringstream fields(line.substr(command_end + 1));
  std::string state;
  fields >> state;
  double value = 0;
  for (int index = 1; index <= kResidentPages && fields >> value; ++index) {
    TakeField(index, value, use);
  }
  return use;
}

}  // namespace injector::webhook
