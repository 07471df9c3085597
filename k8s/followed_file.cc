#include "k8s/followed_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <system_error>
#include <utility>

namespace injector::k8s {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

std::string LastSystemError() {
  return std::generic_category().message(errno);
}

// Whatever the file's status says of its size: that of a pipe is 0.
ApiResult<std::string> ReadBounded(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return ApiFail(ApiErrorKind::kConfiguration, path + ": " + LastSystemError());
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return ApiFail(ApiErrorKind::kConfiguration, path + ": cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() <= kMaxBytes) return text;
  return ApiFail(ApiErrorKind::kConfiguration, path + ": is longer than 1 MiB");
}

// Clocks of file systems tick some times a second: a file that has just changed may change again
// and look the same.
bool IsSettled(std::int64_t changed_s) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count() > changed_s + 1;
}

}  // namespace

ApiResult<std::string> FollowedFile::Text() {
  const std::lock_guard lock(mutex_);
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) {
    return ApiFail(ApiErrorKind::kConfiguration, path_ + ": " + LastSystemError());
  }
  const State now{status.st_dev, status.st_ino, status.st_size, status.st_ctim.tv_sec,
                  status.st_ctim.tv_nsec};
  if (now == state_) return text_;
  if (S_ISDIR(status.st_mode)) {
    return ApiFail(ApiErrorKind::kConfiguration, path_ + ": expected a file, found a folder");
  }
  auto text = ReadBounded(path_);
  if (!text) return text;
  state_ = IsSettled(now.changed_s) ? now : State();
  text_ = *std::move(text);
  return text_;
}

void FollowedFile::Forget() {
  const std::lock_guard lock(mutex_);
  state_ = State();
}

}  // namespace injector::k8s
