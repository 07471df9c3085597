#include "tests/support/tls_server.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <thread>
#include <vector>

namespace injector::test {
namespace {

constexpr int kPatienceMs = 10'000;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

std::unique_ptr<SSL_CTX, FreeContext> ContextOf(const std::string& certificate_pem,
                                                const std::string& key_pem) {
  std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_server_method()));
  const Bio certificate_bio(BIO_new_mem_buf(certificate_pem.data(), -1));
  const Bio key_bio(BIO_new_mem_buf(key_pem.data(), -1));
  X509* certificate = PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr);
  const bool usable = SSL_CTX_use_certificate(context.get(), certificate) == 1 &&
                      SSL_CTX_use_PrivateKey(context.get(), key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (!usable) throw std::runtime_error("the server's certificate cannot be used");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  return context;
}

std::string PeerPem(const SSL* ssl) {
  X509* certificate = SSL_get1_peer_certificate(ssl);
  if (certificate == nullptr) return {};
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  X509_free(certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

bool Readable(int socket) {
  pollfd waiting{socket, POLLIN, 0};
  return ::poll(&waiting, 1, kPatienceMs) > 0;
}

class Connection : public TlsPeer {
 public:
  Connection(SSL_CTX* context, int socket, int number) : socket_(socket), ssl_(SSL_new(context)) {
    connection = number;
    const timeval patience{kPatienceMs / 1000, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    SSL_set_fd(ssl_.get(), socket_);
  }
  ~Connection() override { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Serve(const TlsServer::Handler& handler) {
    // Of this thread alone: the client must not need it.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    if (SSL_accept(ssl_.get()) != 1) return;
    certificate = PeerPem(ssl_.get());
    while (ReadRequest()) handler(*this);
  }

  void Send(std::string_view bytes) override {
    if (!bytes.empty()) SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }

  void Close() override { ::shutdown(socket_, SHUT_RDWR); }

  bool WaitForEnd() override {
    std::array<char, 256> ignored{};
    while (Readable(socket_)) {
      if (SSL_read(ssl_.get(), ignored.data(), static_cast<int>(ignored.size())) <= 0) return true;
    }
    return false;
  }

 private:
  bool ReadRequest() {
    while (pending_.find("\r\n\r\n") == std::string::npos) {
      if (!ReadMore()) return false;
    }
    const std::size_t end = pending_.find("\r\n\r\n") + 4;
    head = pending_.substr(0, end);
    pending_.erase(0, end);
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t length = head.find(kLength);
    const std::size_t size =
        length == std::string::npos ? 0 : std::stoul(head.substr(length + kLength.size()));
    while (pending_.size() < size) {
      if (!ReadMore()) return false;
    }
    body = pending_.substr(0, size);
    pending_.erase(0, size);
    return true;
  }

  bool ReadMore() {
    std::array<char, 4096> buffer{};
    const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count > 0) pending_.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  int socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string pending_;  // received and not yet part of a request
};

}  // namespace

class TlsServer::Impl {
 public:
  Impl(const std::string& certificate_pem, const std::string& key_pem, Handler handler)
      : context_(ContextOf(certificate_pem, key_pem)), handler_(std::move(handler)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* plain = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(listener_, plain, sizeof(address)) != 0 || ::listen(listener_, 16) != 0) {
      throw std::runtime_error("no port to listen on");
    }
    acceptor_ = std::thread([this] { Accept(); });
  }

  ~Impl() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : connections_) thread.join();
    ::close(listener_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] int port() const {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

 private:
  void Accept() {
    while (true) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      const int number = static_cast<int>(connections_.size());
      connections_.emplace_back(
          [this, socket, number] { Connection(context_.get(), socket, number).Serve(handler_); });
    }
  }

  std::unique_ptr<SSL_CTX, FreeContext> context_;
  Handler handler_;
  int listener_ = -1;
  std::vector<std::thread> connections_;  // grown by the acceptor alone
  std::thread acceptor_;
};

TlsServer::TlsServer(const std::string& certificate_pem, const std::string& key_pem,
                     Handler handler)
    : impl_(std::make_unique<Impl>(certificate_pem, key_pem, std::move(handler))) {}
TlsServer::~TlsServer() = default;

int TlsServer::port() const {
  return impl_->port();
}

std::string HttpResponse(int status, std::string_view body, std::string_view extra_headers) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Status\r\n";
  text += extra_headers;
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text += body;
  return text;
}

}  // namespace injector::test
