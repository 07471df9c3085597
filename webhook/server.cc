#include "webhook/server.h"

#include <csignal>
#include <mutex>
#include <utility>

#include "webhook/front_end.h"
#include "webhook/http_engine.h"
#include "webhook/socket.h"

namespace injector::webhook {

using std::chrono::milliseconds;

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Routes routes, Listener listener)
      : options_(options),
        engine_(std::move(routes)),
        port_(listener.port),
        address_(std::move(listener.address)),
        front_end_(options_, engine_, std::move(listener.socket)) {}

  [[nodiscard]] bool Begin() { return front_end_.Start(); }
  void Drain() { front_end_.Drain(); }
  void Stop(milliseconds grace) {
    std::call_once(stopped_, [&] { front_end_.Stop(grace); });
  }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  const ServerOptions options_;
  const HttpEngine engine_;
  const int port_;
  const std::string address_;
  FrontEnd front_end_;
  std::once_flag stopped_;
};

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Routes routes) {
  // A client that goes away while it is written to is an error of that write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  auto listener = Listen(options.address, options.port);
  if (!listener) return tl::unexpected(std::move(listener).error());
  auto impl = std::make_unique<Impl>(options, std::move(routes), *std::move(listener));
  if (!impl->Begin()) {
    return Fail(ErrorKind::kInternal, "no descriptor or thread left for the server");
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

int Server::Port() const {
  return impl_->port();
}
std::string Server::Address() const {
  return impl_->address();
}
void Server::Drain() {
  impl_->Drain();
}
void Server::Stop(milliseconds grace) {
  impl_->Stop(grace);
}

}  // namespace injector::webhook
