#include "webhook/file_state.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>

namespace injector::webhook {
namespace {

using std::chrono::nanoseconds;

constexpr auto kSettling = std::chrono::seconds(2);

std::int64_t Nanoseconds(const timespec& time) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::seconds(time.tv_sec)).count() +
         time.tv_nsec;
}

}  // namespace

std::string StateOfFiles(const std::vector<std::string>& paths,
                         std::chrono::system_clock::time_point now) {
  const std::int64_t time = std::chrono::duration_cast<nanoseconds>(now.time_since_epoch()).count();
  const std::int64_t settled_before = time - nanoseconds(kSettling).count();
  std::string state;
  bool settled = true;
  for (const std::string& path : paths) {
    state += path + '\0';
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      state += "errno " + std::to_string(errno) + '\n';
      continue;
    }
    const std::int64_t modified = Nanoseconds(status.st_mtim);
    const std::int64_t changed = Nanoseconds(status.st_ctim);
    settled = settled && modified < settled_before && changed < settled_before;
    for (const auto number :
         {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
          static_cast<std::int64_t>(status.st_size), modified, changed}) {
      state += std::to_string(number) + ' ';
    }
    state += '\n';
  }
  return settled ? state : state + "at " + std::to_string(time);
}

}  // namespace injector::webhook
