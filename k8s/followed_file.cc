#include "k8s/followed_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace injector::k8s {
namespace {

constexpr std::int64_t kMaxBytes = std::int64_t{1} << 20;

std::string LastSystemError() {
  return std::generic_category().message(errno);
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
  if (status.st_size > kMaxBytes) {
    return ApiFail(ApiErrorKind::kConfiguration, path_ + ": is longer than 1 MiB");
  }
  std::ifstream file(path_, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) return ApiFail(ApiErrorKind::kConfiguration, path_ + ": cannot be read");
  state_ = now;
  text_ = std::move(text);
  return text_;
}

void FollowedFile::Forget() {
  const std::lock_guard lock(mutex_);
  state_ = State();
}

}  // namespace injector::k8s
