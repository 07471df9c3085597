#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace injector::test {
namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(fd_); }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

std::unique_ptr<Socket> ConnectTcp(int port) {
  auto socket = std::make_unique<Socket>(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::setsockopt(socket->fd(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  ::setsockopt(socket->fd(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  const int at_once = 1;
  ::setsockopt(socket->fd(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
  if (::connect(socket->fd(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return nullptr;
  }
  return socket;
}

class PlainClient : public HttpClient {
 public:
  explicit PlainClient(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}

  bool Send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  std::string Receive(std::size_t size) override {
    std::string bytes(size, '\0');
    const ssize_t count = ::recv(socket_->fd(), bytes.data(), size, 0);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  }
  void FinishSending() override { ::shutdown(socket_->fd(), SHUT_WR); }
  std::string PeerPem() const override { return ""; }

 private:
  std::unique_ptr<Socket> socket_;
};

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;

class TlsClient : public HttpClient {
 public:
  TlsClient(std::unique_ptr<Socket> socket, Context context, Ssl ssl)
      : socket_(std::move(socket)), context_(std::move(context)), ssl_(std::move(ssl)) {}

  bool Send(std::string_view bytes) override {
    std::size_t written = 0;
    return SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) == 1;
  }
  std::string Receive(std::size_t size) override {
    std::string bytes(size, '\0');
    std::size_t count = 0;
    if (SSL_read_ex(ssl_.get(), bytes.data(), size, &count) != 1) count = 0;
    ERR_clear_error();
    bytes.resize(count);
    return bytes;
  }
  void FinishSending() override {
    SSL_shutdown(ssl_.get());
    ::shutdown(socket_->fd(), SHUT_WR);
  }
  std::string PeerPem() const override {
    const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(ssl_.get()),
                                                           &X509_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(bio.get(), peer.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  }

 private:
  std::unique_ptr<Socket> socket_;
  Context context_;
  Ssl ssl_;
};

Context MakeContext(const ClientOptions& options) {
  Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);  // so that old versions can be offered at all
  SSL_CTX_set_min_proto_version(context.get(), 0);
  SSL_CTX_set_max_proto_version(context.get(), options.most_tls_version);
  if (!options.trusted_pem.empty()) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(options.trusted_pem.data(), static_cast<int>(options.trusted_pem.size())),
        &BIO_free);
    while (X509* trusted = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), trusted);
      X509_free(trusted);
    }
    ERR_clear_error();  // the end of the text is one
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

std::unique_ptr<HttpClient> ConnectTls(std::unique_ptr<Socket> socket,
                                       const ClientOptions& options) {
  Context context = MakeContext(options);
  Ssl ssl(SSL_new(context.get()), &SSL_free);
  SSL_set_fd(ssl.get(), socket->fd());
  SSL_set1_host(ssl.get(), "localhost");
  const bool connected = SSL_connect(ssl.get()) == 1;
  ERR_clear_error();
  if (!connected) return nullptr;
  return std::make_unique<TlsClient>(std::move(socket), std::move(context), std::move(ssl));
}

}  // namespace

std::string Response::Header(std::string_view name) const {
  const std::string prefix = "\r\n" + std::string(name) + ": ";
  const auto at = head.find(prefix);
  if (at == std::string::npos) return "";
  const auto begin = at + prefix.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::unique_ptr<HttpClient> HttpClient::Connect(const ClientOptions& options) {
  auto socket = ConnectTcp(options.port);
  if (socket == nullptr) return nullptr;
  if (options.tls) return ConnectTls(std::move(socket), options);
  return std::make_unique<PlainClient>(std::move(socket));
}

Response HttpClient::ReadResponse() {
  Response response;
  while (pending_.find("\r\n\r\n") == std::string::npos) {
    const std::string more = Receive(4096);
    if (more.empty()) return response;
    pending_ += more;
  }
  response.head = pending_.substr(0, pending_.find("\r\n\r\n") + 2);
  pending_.erase(0, response.head.size() + 2);
  response.status = std::stoi(response.head.substr(response.head.find(' ') + 1, 3));
  const std::string length = response.Header("Content-Length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  while (pending_.size() < size) {
    const std::string more = Receive(size - pending_.size());
    if (more.empty()) return Response{};
    pending_ += more;
  }
  response.body = pending_.substr(0, size);
  pending_.erase(0, size);
  return response;
}

Response HttpClient::Exchange(std::string_view request) {
  if (!Send(request)) return {};
  return ReadResponse();
}

std::string PostRequest(std::string_view target, std::string_view body,
                        std::string_view extra_headers) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string(extra_headers) + "\r\n" +
         std::string(body);
}

std::string GetRequest(std::string_view target, std::string_view extra_headers) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" +
         std::string(extra_headers) + "\r\n";
}

}  // namespace injector::test
