#pragma once

// The bytes of one client's connection, over TLS or plain. No call waits: each says what it would
// have had to wait for.

#include <cstddef>
#include <memory>
#include <string_view>

namespace injector::webhook {

enum class IoStatus {
  kDone,
  kNeedsInput,   // call again once the socket has input
  kNeedsOutput,  // call again once the socket takes output
  kClosed,       // the client, or someone here, ended the connection
};

struct IoResult {
  IoStatus status = IoStatus::kClosed;
  std::size_t size = 0;  // with kDone: bytes, at least one
};

// Used by one thread.
class Connection {
 public:
  virtual ~Connection() = default;

  // Goes on with the TLS handshake; kDone from the moment that it is complete.
  [[nodiscard]] virtual IoStatus Handshake() = 0;
  // Whether anything was sent: in a handshake, the answer to what the client began it with.
  [[nodiscard]] virtual bool HasSent() const = 0;
  // Reads at most `size` bytes.
  [[nodiscard]] virtual IoResult Read(char* to, std::size_t size) = 0;
  // Whether bytes that were taken from the socket may still be unread: then nobody announces them,
  // and Read is to be called until it needs input.
  [[nodiscard]] virtual bool HoldsInput() const = 0;
  // Writes some of `bytes`.
  [[nodiscard]] virtual IoResult Write(std::string_view bytes) = 0;
  // Says that no more is written (TLS close_notify, TCP FIN).
  virtual void FinishWriting() = 0;
};

// In: `socket` does not block; it must outlive the connection.
[[nodiscard]] std::unique_ptr<Connection> MakePlainConnection(int socket);

}  // namespace injector::webhook
