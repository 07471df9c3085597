#pragma once

// One connection to a Unix socket, in bounded time.

#include <chrono>
#include <string>
#include <utility>

#include "runtime/result.h"

namespace injector::runtime {

// Points in time at which a call must have ended.
using Deadline = std::chrono::system_clock::time_point;

// A file descriptor that is closed with its owner.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  [[nodiscard]] int number() const { return number_; }
  // Hands the descriptor over to the caller.
  [[nodiscard]] int Release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// How a connection failed, for those who act on it.
enum class ConnectFault { kAbsent, kRefused, kDenied, kTooLong, kNotAccepted, kOther };

struct ConnectError {
  ConnectFault fault;
  std::string message;  // one sentence that names the path
};

// A non-blocking descriptor that is connected to the socket at `path`.
// Out: a listener whose queue is full is asked again until `deadline`.
// Blocks: until `deadline` at most.
[[nodiscard]] tl::expected<FileDescriptor, ConnectError> ConnectTo(const std::string& path,
                                                                   Deadline deadline);

// The same fault for those who only hand it on.
[[nodiscard]] Error ErrorOf(const ConnectError& error);

}  // namespace injector::runtime
