#pragma once

// The TLS side of a connection. With certificate.cc the only place that talks to OpenSSL.

#include <memory>

#include "webhook/connection.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace injector::webhook {

// In: `socket` does not block and must outlive the connection; `context` is a server's, and lives
// on as long as a connection that was made from it.
// Out: null when OpenSSL has no memory.
[[nodiscard]] std::unique_ptr<Connection> MakeTlsConnection(int socket, ssl_ctx_st& context);

}  // namespace injector::webhook
