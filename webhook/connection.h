#pragma once

// The bytes of one client's connection, over TLS or plain. Sockets do not block; every call has a
// deadline.

#include <cstddef>
#include <memory>
#include <string_view>

#include "webhook/socket.h"

namespace injector::webhook {

enum class ReadStatus {
  kData,      // at least one byte
  kClosed,    // the client, or someone here, ended the connection
  kTimedOut,  // the deadline passed
};

struct ReadOutcome {
  ReadStatus status = ReadStatus::kClosed;
  std::size_t size = 0;
};

// Used by one thread.
class Connection {
 public:
  virtual ~Connection() = default;

  // False: no TLS session came about; there is nobody to talk to.
  [[nodiscard]] virtual bool Handshake(TimePoint deadline) = 0;
  // Waits until something can be read, also the end. False: the deadline passed, or `wake` has
  // input and the client has sent nothing.
  [[nodiscard]] virtual bool AwaitInput(int wake, TimePoint deadline) = 0;
  // Reads at most `size` bytes.
  [[nodiscard]] virtual ReadOutcome Read(char* to, std::size_t size, TimePoint deadline) = 0;
  // Writes all of `bytes`. False: the client is gone or did not read by the deadline.
  [[nodiscard]] virtual bool Write(std::string_view bytes, TimePoint deadline) = 0;
  // Says that no more is written (TLS close_notify, TCP FIN); never waits.
  virtual void FinishWriting() = 0;
};

// In: `socket` does not block; it must outlive the connection.
[[nodiscard]] std::unique_ptr<Connection> MakePlainConnection(int socket);

}  // namespace injector::webhook
