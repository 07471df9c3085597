#include "runtime/socket_connect.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "runtime/socket_files.h"

namespace injector::runtime {
namespace {

tl::unexpected<ConnectError> Refuse(ConnectFault fault, const std::string& path,
                                    const std::string& why) {
  return tl::unexpected<ConnectError>({fault, "cannot connect to " + path + ": " + why});
}

tl::unexpected<ConnectError> Explain(int code, const std::string& path) {
  switch (code) {
    case ENOENT:
      return Refuse(ConnectFault::kAbsent, path, "there is no such file");
    case ECONNREFUSED:
      return Refuse(ConnectFault::kRefused, path, "nobody listens there");
    case EACCES:
    case EPERM:
      return Refuse(ConnectFault::kDenied, path, "this user has no permission");
    case EAGAIN:
      return Refuse(ConnectFault::kNotAccepted, path, "its queue of connections is full");
    default:
      return Refuse(ConnectFault::kOther, path, std::system_category().message(code));
  }
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) ::close(number_);
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

tl::expected<FileDescriptor, ConnectError> ConnectTo(const std::string& path, Deadline deadline) {
  sockaddr_un address{};
  if (path.size() > kMaxSocketPath)
    return Refuse(ConnectFault::kTooLong, path,
                  "the path has " + std::to_string(path.size()) + " bytes, at most " +
                      std::to_string(kMaxSocketPath) + " are possible");
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[0], path.data(), path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return Explain(errno, path);
  // A Unix socket connects at once or not at all; only a full queue is worth another try.
  constexpr std::chrono::milliseconds kPause(10);
  while (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
         0) {
    const int code = errno;
    if (code == EINTR) continue;
    if (code != EAGAIN || std::chrono::system_clock::now() + kPause > deadline)
      return Explain(code, path);
    std::this_thread::sleep_for(kPause);
  }
  return socket;
}

Error ErrorOf(const ConnectError& error) {
  const ErrorKind kind =
      error.fault == ConnectFault::kDenied ? ErrorKind::kDenied : ErrorKind::kUnreachable;
  return {kind, error.message};
}

}  // namespace injector::runtime
