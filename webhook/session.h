#pragma once

// One connection from handshake to end: reads a request within its limits, has it answered, and
// again. Runs in a thread of its own; the server may look at its state and cut it short.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "webhook/connection.h"
#include "webhook/http_engine.h"
#include "webhook/request_framing.h"
#include "webhook/server.h"

namespace injector::webhook {

// Bytes of bodies that all sessions hold together. Threads: safe.
class InflightBytes {
 public:
  explicit InflightBytes(std::size_t most) : most_(most) {}
  [[nodiscard]] bool Take(std::size_t count) {
    if (used_.fetch_add(count) + count <= most_) return true;
    used_.fetch_sub(count);
    return false;
  }
  void Give(std::size_t count) { used_.fetch_sub(count); }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> used_{0};
};

// What all sessions of a server share.
struct SessionShared {
  const ServerOptions& options;
  const HttpEngine& engine;
  InflightBytes inflight;
  int stop = -1;                      // has input once idle sessions are to end
  std::atomic<bool> draining{false};  // answers end their connection
};

class Session {
 public:
  Session(FileDescriptor socket, SessionShared& shared);

  // Serves the connection until it ends.
  // Blocks: call it in the session's thread.
  void Run();

  // When the session last had its answer ready, or began, in steady clock ticks; 0 while it
  // receives or works on a request. Threads: safe.
  [[nodiscard]] std::int64_t IdleSince() const { return idle_since_.load(); }
  // Lets the session end when it next waits for a request; what has arrived is still answered,
  // and what is being written still leaves.
  // Threads: safe, as long as the session exists.
  void EndWhenIdle();
  // Cuts the connection. Threads: as EndWhenIdle.
  void Abort();
  // Closes the socket once Run has ended. Threads: not beside EndWhenIdle and Abort.
  void Close();

 private:
  [[nodiscard]] bool AwaitRequest(bool first);
  [[nodiscard]] bool ServeOne();
  [[nodiscard]] FramingResult<RequestHead> ReadHead(TimePoint deadline);
  [[nodiscard]] FramingResult<void> ReadBody(const RequestHead& head, TimePoint deadline);
  [[nodiscard]] FramingResult<void> ReadChunks(std::size_t head_size, TimePoint deadline);
  [[nodiscard]] FramingResult<void> ReadMore(std::size_t hint, TimePoint deadline);
  [[nodiscard]] bool Respond(const RequestHead& head, TimePoint arrived);
  void Refuse(const FramingFault& fault);
  void Forget(std::size_t used);
  void SetIdle(bool idle);

  FileDescriptor socket_;
  SessionShared& shared_;
  std::unique_ptr<Connection> connection_;
  std::string in_;      // bytes received and not used yet, from the head of the present request
  std::string chunks_;  // body of the present request when it came in chunks
  std::string out_;
  std::size_t held_ = 0;  // bytes taken from shared_.inflight
  std::atomic<std::int64_t> idle_since_{0};
};

}  // namespace injector::webhook
