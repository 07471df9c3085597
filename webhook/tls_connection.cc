#include "webhook/tls_connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <utility>

namespace injector::webhook {
namespace {

class TlsConnection : public Connection {
 public:
  TlsConnection(int socket, std::shared_ptr<ssl_ctx_st> context, SSL* ssl)
      : socket_(socket), context_(std::move(context)), ssl_(ssl, &SSL_free) {}

  bool Handshake(TimePoint deadline) override {
    while (true) {
      ERR_clear_error();
      const int code = SSL_accept(ssl_.get());
      if (code == 1) return true;
      if (!WaitAsTold(code, deadline)) return false;
    }
  }

  bool AwaitInput(int wake, TimePoint deadline) override {
    return SSL_has_pending(ssl_.get()) == 1 || WaitForInput(socket_, wake, deadline);
  }

  ReadOutcome Read(char* to, std::size_t size, TimePoint deadline) override {
    while (true) {
      std::size_t count = 0;
      ERR_clear_error();
      const int code = SSL_read_ex(ssl_.get(), to, size, &count);
      if (code == 1) return {ReadStatus::kData, count};
      if (!WaitAsTold(code, deadline)) {
        return {failed_ ? ReadStatus::kClosed : ReadStatus::kTimedOut, 0};
      }
    }
  }

  bool Write(std::string_view bytes, TimePoint deadline) override {
    while (!bytes.empty()) {
      std::size_t count = 0;
      ERR_clear_error();
      const int code = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
      if (code == 1) {
        bytes.remove_prefix(count);
      } else if (!WaitAsTold(code, deadline)) {
        return false;
      }
    }
    return true;
  }

  void FinishWriting() override {
    ERR_clear_error();
    if (!failed_) SSL_shutdown(ssl_.get());
    ERR_clear_error();
    ::shutdown(socket_, SHUT_WR);
  }

 private:
  // Waits for what OpenSSL asks for after a call that returned `code`. False: the session is over
  // (then failed_ is set), or the deadline passed.
  bool WaitAsTold(int code, TimePoint deadline) {
    switch (SSL_get_error(ssl_.get(), code)) {
      case SSL_ERROR_WANT_READ:
        return WaitFor(socket_, POLLIN, deadline);
      case SSL_ERROR_WANT_WRITE:
        return WaitFor(socket_, POLLOUT, deadline);
      default:
        failed_ = true;
        return false;
    }
  }

  const int socket_;
  const std::shared_ptr<ssl_ctx_st> context_;  // so that a certificate in use is not freed
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool failed_ = false;  // after this OpenSSL must not be asked to shut down
};

}  // namespace

std::unique_ptr<Connection> MakeTlsConnection(int socket, std::shared_ptr<ssl_ctx_st> context) {
  SSL* const ssl = SSL_new(context.get());
  if (ssl == nullptr) return nullptr;
  if (SSL_set_fd(ssl, socket) != 1) {
    SSL_free(ssl);
    return nullptr;
  }
  return std::make_unique<TlsConnection>(socket, std::move(context), ssl);
}

}  // namespace injector::webhook
