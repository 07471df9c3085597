#include "tests/support/fake_socket.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace injector::test {
namespace {

int Listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) throw std::runtime_error("path too long: " + path);
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const void* const generic = &address;
  if (fd < 0 || ::bind(fd, static_cast<const sockaddr*>(generic), sizeof(address)) != 0 ||
      ::listen(fd, 16) != 0) {
    throw std::runtime_error("cannot listen at " + path);
  }
  return fd;
}

// False when `stop` is readable first.
bool AwaitReadable(int fd, int stop) {
  std::array<pollfd, 2> watched{{{fd, POLLIN, 0}, {stop, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0) continue;
  return watched[1].revents == 0;
}

}  // namespace

FakeSocketServer::FakeSocketServer(std::string path, std::string_view answer)
    : path_(std::move(path)),
      answer_(answer),
      listener_(Listen(path_)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { Serve(); }) {}

FakeSocketServer::~FakeSocketServer() {
  const std::uint64_t one = 1;
  if (::write(stop_, &one, sizeof(one)) == sizeof(one)) thread_.join();
  ::close(listener_);
  ::close(stop_);
  ::unlink(path_.c_str());
}

void FakeSocketServer::Serve() const {
  constexpr std::size_t kPreface = 33;
  while (AwaitReadable(listener_, stop_)) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    std::array<char, 64> bytes{};
    std::size_t seen = 0;
    while (AwaitReadable(client, stop_)) {
      const ssize_t count = ::recv(client, bytes.data(), bytes.size(), 0);
      if (count <= 0) break;
      const bool complete = seen < kPreface && seen + static_cast<std::size_t>(count) >= kPreface;
      seen += static_cast<std::size_t>(count);
      if (complete) ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
    ::close(client);
  }
}

MuteSocket::MuteSocket(std::string path) : path_(std::move(path)), listener_(Listen(path_)) {}

MuteSocket::~MuteSocket() {
  ::close(listener_);
  ::unlink(path_.c_str());
}

void LeaveStaleSocket(const std::string& path) {
  ::close(Listen(path));
}

}  // namespace injector::test
