#pragma once

// A client that sends exactly the bytes it is told and shows exactly those it gets, over TLS or
// plain; for tests of servers.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace injector::test {

struct ClientOptions {
  int port = 0;
  bool tls = false;
  std::string trusted_pem{};  // the server must show a certificate of these; "" trusts any
  int most_tls_version = 0;   // OpenSSL's number, 0 for its newest
};

struct Response {
  int status = 0;  // 0: the connection ended without a response
  std::string head;
  std::string body;

  // The value of a header, by its name as sent; "" when there is none.
  [[nodiscard]] std::string Header(std::string_view name) const;
};

// Every wait is bounded: after 10 s without a byte the connection counts as ended.
class HttpClient {
 public:
  // Connects to 127.0.0.1. Empty when TCP or TLS refuse.
  [[nodiscard]] static std::unique_ptr<HttpClient> Connect(const ClientOptions& options);
  virtual ~HttpClient() = default;

  // False: the connection is broken.
  virtual bool Send(std::string_view bytes) = 0;
  // At most `size` bytes; "" at the end of the connection.
  virtual std::string Receive(std::size_t size) = 0;
  // Says that no more is sent, and still receives.
  virtual void FinishSending() = 0;
  // The server's certificate as PEM; "" without TLS.
  [[nodiscard]] virtual std::string PeerPem() const = 0;

  // Reads one response that has a Content-Length.
  [[nodiscard]] Response ReadResponse();
  [[nodiscard]] Response Exchange(std::string_view request);
  // Whether the server ends the connection and sends nothing before.
  [[nodiscard]] bool EndsInSilence() { return pending_.empty() && Receive(1).empty(); }

 private:
  std::string pending_;  // received after the response before
};

[[nodiscard]] std::string PostRequest(std::string_view target, std::string_view body,
                                      std::string_view extra_headers = "");
[[nodiscard]] std::string GetRequest(std::string_view target, std::string_view extra_headers = "");

}  // namespace injector::test
