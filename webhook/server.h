#pragma once

// An HTTP/1.1 server, over TLS or plain: Start, then Drain when a replica is to go, then Stop.
// A few threads serve all clients, each whenever it has sent something: a slow client costs no
// thread and delays nobody. What it refuses by itself: a malformed head (400), a path without route
// (404), a request that does not arrive in time (408), a body over the limit (413), a head over
// 16 KiB (431), more than it can take on (503). Bodies reach the handler as they were sent, never
// decompressed.

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "webhook/http_message.h"
#include "webhook/result.h"

namespace injector::webhook {

class RefusalObserver;
class ServingCertificate;

struct ServerOptions {
  std::string address{};                            // "" is every interface
  int port = 0;                                     // 0: the system chooses one
  const ServingCertificate* certificate = nullptr;  // null: plain HTTP; must outlive the server
  RefusalObserver* refusals = nullptr;              // null: nobody; must outlive the server
  std::size_t max_body = std::size_t{8} << 20;
  std::size_t max_connections = 1024;  // then one goes, see ClientTable::ClaimFirstToGo
  std::size_t max_handshakes = 128;    // at once: OpenSSL gives each 128 KiB if it asks for them
  std::size_t max_inflight_bytes = std::size_t{32} << 20;  // of requests and unread answers
  std::chrono::milliseconds idle_timeout{100'000};         // the API server keeps idle ones 90 s
  std::chrono::milliseconds handshake_timeout{5'000};
  std::chrono::milliseconds handshake_patience{250};  // when max_handshakes is reached
  std::chrono::milliseconds head_timeout{5'000};      // also: from handshake to first request
  std::chrono::milliseconds request_timeout{10'000};  // from first to last byte of a request
  std::chrono::milliseconds write_timeout{10'000};
  std::size_t workers = 0;                          // 0: as many as processors, 2 at least
  std::size_t max_workers = 64;                     // when handlers wait for something
  std::chrono::milliseconds max_queue_time{1'000};  // for a worker, a large one's turn; then 503
};

// Exact paths (without the query); the handlers must outlive the server.
struct Routes {
  std::map<std::string, HttpHandler*, std::less<>> paths;
  HttpHandler* any_other_path = nullptr;  // null: 404
};

class Server {
 public:
  // Listens and serves in threads of its own.
  // Errors: kListen when the address cannot be bound; kInternal when no thread can be started.
  [[nodiscard]] static Result<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                             Routes routes);
  ~Server();  // as Stop(0)
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int Port() const;
  [[nodiscard]] std::string Address() const;  // "127.0.0.1:4000", "[::]:4000": for the log

  // From now on every reply carries `Connection: close`; new connections are still served.
  // Threads: safe.
  void Drain();

  // Stops accepting, closes idle connections, lets requests in flight end for up to `grace`, then
  // closes them too, and refuses those that have not begun.
  // Blocks: until the last connection has ended. Threads: safe; the second call does nothing.
  void Stop(std::chrono::milliseconds grace = std::chrono::seconds(5));

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace injector::webhook
