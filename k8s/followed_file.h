#pragma once

// A small file that others replace while we run, such as a service-account token.

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "k8s/error.h"

namespace injector::k8s {

// Threads: safe.
class FollowedFile {
 public:
  explicit FollowedFile(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const std::string& Path() const { return path_; }

  // The text as it is now: read again when the file is another one or has changed; symbolic links
  // are followed, so a swap of a mounted volume shows.
  // Errors: kConfiguration, with the path, when it cannot be read or is longer than 1 MiB.
  [[nodiscard]] ApiResult<std::string> Text();
  // The next Text() reads the file whether or not it seems to have changed.
  void Forget();

 private:
  struct State {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::int64_t changed_s = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const State&, const State&) = default;
  };

  const std::string path_;
  std::mutex mutex_;
  State state_;       // guarded by mutex_
  std::string text_;  // guarded by mutex_
};

}  // namespace injector::k8s
