#include "metrics_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace dapr::component {
namespace {

// A scraper sends one short request and reads one short answer.
constexpr std::size_t kMaxRequestBytes = 4096;
constexpr timeval kPatience{2, 0};

void SendAll(int connection, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t n = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

}  // namespace

Result<std::unique_ptr<MetricsListener>> MetricsListener::Start(const std::string& address,
                                                                std::uint16_t port,
                                                                std::function<std::string()> page) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1)
    return Fail(ErrorKind::kInvalidArgument,
                "metrics address \"" + address + "\" is no IPv4 address; use e.g. 0.0.0.0");
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int reuse = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) != 0 ||
      ::listen(socket, 8) != 0) {
    const std::string cause = std::system_category().message(errno);
    ::close(socket);
    return Fail(ErrorKind::kUnavailable, "cannot serve metrics on " + address + ":" +
                                             std::to_string(port) + ": " + cause +
                                             "; choose another port");
  }
  const int wake = ::eventfd(0, EFD_CLOEXEC);
  return std::unique_ptr<MetricsListener>(new MetricsListener(socket, wake, std::move(page)));
}

MetricsListener::MetricsListener(int socket, int wake, std::function<std::string()> page)
    : socket_(socket), wake_(wake), page_(std::move(page)), thread_([this] { Loop(); }) {}

MetricsListener::~MetricsListener() {
  const std::uint64_t one = 1;
  if (::write(wake_, &one, sizeof(one)) == sizeof(one)) thread_.join();
  ::close(socket_);
  ::close(wake_);
}

std::uint16_t MetricsListener::port() const {
  sockaddr_in where{};
  socklen_t size = sizeof(where);
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.sin_port);
}

void MetricsListener::Loop() const {
  for (;;) {
    pollfd waits[] = {{socket_, POLLIN, 0}, {wake_, POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0 && errno != EINTR) return;
    if (waits[1].revents != 0) return;
    const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    Answer(connection);
    ::close(connection);
  }
}

void MetricsListener::Answer(int connection) const {
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  std::string request(kMaxRequestBytes, '\0');
  const ssize_t n = ::recv(connection, request.data(), request.size(), 0);
  if (n <= 0) return;
  request.resize(static_cast<std::size_t>(n));
  const bool known = request.rfind("GET /metrics ", 0) == 0 || request.rfind("GET / ", 0) == 0;
  const std::string body = known ? page_() : "try GET /metrics\n";
  SendAll(connection, std::string("HTTP/1.1 ") + (known ? "200 OK" : "404 Not Found") +
                          "\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
}

}  // namespace dapr::component
