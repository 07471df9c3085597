#pragma once

// Asks Unix sockets whether a gRPC server answers behind them, as daprd would find out: connect,
// send the HTTP/2 preface, read a SETTINGS frame.

#include <chrono>
#include <string>
#include <vector>

namespace injector::webhook {

enum class SocketState {
  kAbsent,   // there is no such file
  kUp,       // answered with SETTINGS
  kRefused,  // a file, but nobody listens
  kDenied,   // this user may not connect
  kMute,     // accepts connections, but does not answer as an HTTP/2 server
};

struct ProbeResult {
  SocketState state = SocketState::kMute;
  std::string detail;  // what was seen; "" where the state says it all
};

// The longest path that fits sockaddr_un with its closing zero.
inline constexpr std::size_t kMaxSocketPath = 107;

// Probes all `paths` side by side; each has `patience` to answer.
// Out: one result for each path, in their order.
// Blocks for at most `patience` for each 128 paths. At most 33 bytes are sent and one frame of
// 16 KiB is read on each connection.
// Source: RFC 9113 section 3.4: the server's preface is a SETTINGS frame, the first it sends.
[[nodiscard]] std::vector<ProbeResult> ProbeSockets(const std::vector<std::string>& paths,
                                                    std::chrono::milliseconds patience);

}  // namespace injector::webhook
