#pragma once

// Sockets: an owner of a descriptor and a listener.

#include <chrono>
#include <string>
#include <utility>

#include "webhook/result.h"

namespace injector::webhook {

using TimePoint = std::chrono::steady_clock::time_point;

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;  // closes its own
  ~FileDescriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Lets the process open as many descriptors as it may (at most 65536): every connection needs one,
// and files are still to be read when there are many.
void RaiseDescriptorLimit();

// A listening socket and the address it got.
struct Listener {
  FileDescriptor socket;
  std::string address;  // "127.0.0.1:4000", "[::]:4000"
  int port = 0;
};

// Listens on `address` (a name, an IP, or "" for every interface, IPv6 and IPv4) and `port`.
// Errors: kListen with the address, the system's reason and what to do.
[[nodiscard]] Result<Listener> Listen(const std::string& address, int port);

}  // namespace injector::webhook
