#include "webhook/connection.h"

#include <sys/socket.h>

#include <cerrno>

namespace injector::webhook {
namespace {

// The outcome of a system call that moved `count` bytes, or failed with `blocked` when it would
// have had to wait.
IoResult Outcome(ssize_t count, IoStatus blocked) {
  if (count > 0) return {IoStatus::kDone, static_cast<std::size_t>(count)};
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {blocked, 0};
  return {IoStatus::kClosed, 0};
}

class PlainConnection : public Connection {
 public:
  explicit PlainConnection(int socket) : socket_(socket) {}

  IoStatus Handshake() override { return IoStatus::kDone; }
  bool HasSent() const override { return false; }

  IoResult Read(char* to, std::size_t size) override {
    return Outcome(::recv(socket_, to, size, 0), IoStatus::kNeedsInput);
  }

  bool HoldsInput() const override { return false; }

  IoResult Write(std::string_view bytes) override {
    return Outcome(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                   IoStatus::kNeedsOutput);
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
