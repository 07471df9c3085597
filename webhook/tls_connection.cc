#include "webhook/tls_connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <utility>

namespace injector::webhook {
namespace {

// Records without data (a key update) that are read past in one call. A client that sends more of
// them at once waits until it sends again.
constexpr int kMostRecordsWithoutData = 4;

class TlsConnection : public Connection {
 public:
  TlsConnection(int socket, SSL* ssl) : socket_(socket), ssl_(ssl, &SSL_free) {}

  IoStatus Handshake() override {
    ERR_clear_error();
    return StatusAfter(SSL_accept(ssl_.get()));
  }

  bool HasSent() const override { return BIO_number_written(SSL_get_wbio(ssl_.get())) > 0; }

  IoResult Read(char* to, std::size_t size) override {
    IoResult result{IoStatus::kNeedsInput, 0};
    for (int i = 0; i < kMostRecordsWithoutData && result.status == IoStatus::kNeedsInput; ++i) {
      ERR_clear_error();
      result.status = StatusAfter(SSL_read_ex(ssl_.get(), to, size, &result.size));
      if (!HoldsInput()) break;
    }
    return result;
  }

  // Also when what is held is only a part of a record.
  bool HoldsInput() const override { return SSL_has_pending(ssl_.get()) == 1; }

  IoResult Write(std::string_view bytes) override {
    IoResult result;
    ERR_clear_error();
    result.status = StatusAfter(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &result.size));
    return result;
  }

  void FinishWriting() override {
    ERR_clear_error();
    if (!failed_ && SSL_in_init(ssl_.get()) == 0) SSL_shutdown(ssl_.get());
    ERR_clear_error();
    ::shutdown(socket_, SHUT_WR);
  }

 private:
  IoStatus StatusAfter(int code) {
    if (code == 1) return IoStatus::kDone;
    switch (SSL_get_error(ssl_.get(), code)) {
      case SSL_ERROR_WANT_READ:
        return IoStatus::kNeedsInput;
      case SSL_ERROR_WANT_WRITE:
        return IoStatus::kNeedsOutput;
      case SSL_ERROR_ZERO_RETURN:  // the client's close_notify: ours may still be sent
        return IoStatus::kClosed;
      default:
        failed_ = true;
        return IoStatus::kClosed;
    }
  }

  const int socket_;
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool failed_ = false;  // after this OpenSSL must not be asked to shut down
};

}  // namespace

std::unique_ptr<Connection> MakeTlsConnection(int socket, ssl_ctx_st& context) {
  SSL* const ssl = SSL_new(&context);
  if (ssl == nullptr) return nullptr;
  auto connection = std::make_unique<TlsConnection>(socket, ssl);
  if (SSL_set_fd(ssl, socket) != 1) return nullptr;
  // Otherwise a client that sends record after record without data would never be left.
  SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
  return connection;
}

}  // namespace injector::webhook
