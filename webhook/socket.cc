#include "webhook/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

namespace injector::webhook {
namespace {

constexpr int kBacklog = 511;

std::string ReasonOf(int error_number) {
  return std::generic_category().message(error_number);
}

std::string Joined(const std::string& host, const std::string& port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

tl::unexpected<Error> CannotListen(const std::string& address, int port, int error_number) {
  std::string message =
      "cannot listen on " + Joined(address, std::to_string(port)) + ": " + ReasonOf(error_number);
  if (error_number == EADDRINUSE) message += "; another program has the port, choose another one";
  if (error_number == EACCES) message += "; ports below 1024 need a privilege";
  return Fail(ErrorKind::kListen, std::move(message));
}

// Binds one address; its socket is invalid and errno set when that fails.
FileDescriptor BindOne(const addrinfo& where) {
  FileDescriptor socket(::socket(where.ai_family, where.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                                 where.ai_protocol));
  if (!socket.valid()) return {};
  const int on = 1;
  const int off = 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (where.ai_family == AF_INET6) {
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  if (::bind(socket.get(), where.ai_addr, where.ai_addrlen) != 0) return {};
  if (::listen(socket.get(), kBacklog) != 0) return {};
  return socket;
}

Listener Described(FileDescriptor socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  ::getsockname(socket.get(), address, &length);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  ::getnameinfo(address, length, host.data(), host.size(), service.data(), service.size(),
                NI_NUMERICHOST | NI_NUMERICSERV);
  const int port = ntohs(storage.ss_family == AF_INET6
                             ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                             : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  return Listener{std::move(socket), Joined(host.data(), service.data()), port};
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  const FileDescriptor former(std::exchange(fd_, std::exchange(other.fd_, -1)));
  return *this;
}

void RaiseDescriptorLimit() {
  constexpr rlim_t kEnough = 65536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough) return;
  limit.rlim_cur = std::min(limit.rlim_max, kEnough);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<Listener> Listen(const std::string& address, int port) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(address.empty() ? nullptr : address.c_str(),
                                 std::to_string(port).c_str(), &hints, &found);
  if (code != 0) {
    return Fail(ErrorKind::kListen, "cannot listen on " + Joined(address, std::to_string(port)) +
                                        ": " + ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  int error_number = EADDRNOTAVAIL;
  // "Every interface" is one IPv6 socket that takes IPv4 too, where the machine has IPv6.
  for (const int family : {AF_INET6, AF_INET}) {
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
      if (entry->ai_family != family) continue;
      if (FileDescriptor socket = BindOne(*entry); socket.valid()) {
        return Described(std::move(socket));
      }
      error_number = errno;
      if (error_number == EADDRINUSE) return CannotListen(address, port, error_number);
    }
  }
  return CannotListen(address, port, error_number);
}

}  // namespace injector::webhook
