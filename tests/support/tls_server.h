#pragma once

// A TLS server on 127.0.0.1 that sends exactly the bytes a test tells it to; for tests of clients.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace injector::test {

// One request of a client and the way back to it.
class TlsPeer {
 public:
  virtual ~TlsPeer() = default;

  // Each call is a TLS record of its own.
  virtual void Send(std::string_view bytes) = 0;
  // Breaks the connection off.
  virtual void Close() = 0;
  // Blocks until the client closes the connection, at most 10 s; false when it does not.
  [[nodiscard]] virtual bool WaitForEnd() = 0;

  std::string head;         // request line and headers
  std::string body;         // as long as Content-Length says
  std::string certificate;  // the client's, PEM; "" when it shows none
  int connection = 0;       // counted from 0
};

// Threads: `handler` is called by one thread at a time for each connection.
class TlsServer {
 public:
  using Handler = std::function<void(TlsPeer&)>;

  // Answers every request through `handler`; a connection is kept until the client closes it.
  // Asks for a client certificate and takes any.
  TlsServer(const std::string& certificate_pem, const std::string& key_pem, Handler handler);
  // Blocks until all connections have ended.
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A response with a Content-Length.
[[nodiscard]] std::string HttpResponse(int status, std::string_view body,
                                       std::string_view extra_headers = "");

}  // namespace injector::test
