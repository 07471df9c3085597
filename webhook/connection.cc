#include "webhook/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace injector::webhook {
namespace {

bool WouldBlock() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

class PlainConnection : public Connection {
 public:
  explicit PlainConnection(int socket) : socket_(socket) {}

  bool Handshake(TimePoint /*deadline*/) override { return true; }

  bool AwaitInput(int wake, TimePoint deadline) override {
    return WaitForInput(socket_, wake, deadline);
  }

  ReadOutcome Read(char* to, std::size_t size, TimePoint deadline) override {
    while (true) {
      const ssize_t count = ::recv(socket_, to, size, 0);
      if (count > 0) return {ReadStatus::kData, static_cast<std::size_t>(count)};
      if (count == 0 || (!WouldBlock() && errno != EINTR)) return {ReadStatus::kClosed, 0};
      if (!WaitFor(socket_, POLLIN, deadline)) return {ReadStatus::kTimedOut, 0};
    }
  }

  bool Write(std::string_view bytes, TimePoint deadline) override {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (WouldBlock()) {
        if (!WaitFor(socket_, POLLOUT, deadline)) return false;
      } else if (errno != EINTR) {
        return false;
      }
    }
    return true;
  }

  void FinishWriting() override { ::shutdown(socket_, SHUT_WR); }

 private:
  const int socket_;
};

}  // namespace

std::unique_ptr<Connection> MakePlainConnection(int socket) {
  return std::make_unique<PlainConnection>(socket);
}

}  // namespace injector::webhook
