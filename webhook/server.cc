#include "webhook/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "webhook/http_engine.h"
#include "webhook/session.h"
#include "webhook/small_thread.h"
#include "webhook/socket.h"

namespace injector::webhook {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kReapInterval(1000);  // threads of ended sessions are joined this often
constexpr int kMostAtOnce = 511;             // connections taken between two looks at the rest
constexpr milliseconds kPause(100);          // before another try when there is no room

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Routes routes, Listener listener, FileDescriptor wake)
      : options_(options),
        engine_(std::move(routes)),
        wake_(std::move(wake)),
        shared_{.options = options_,
                .engine = engine_,
                .inflight = InflightBytes(options.max_inflight_bytes),
                .stop = wake_.get()},
        listener_(std::move(listener)) {}
  ~Impl() { Stop(milliseconds(0)); }

  [[nodiscard]] bool StartAccepting();
  void Stop(milliseconds grace);
  void Drain() { shared_.draining = true; }
  [[nodiscard]] const Listener& listener() const { return listener_; }

 private:
  struct Client {
    Client(FileDescriptor socket, SessionShared& shared) : session(std::move(socket), shared) {}
    Session session;
    SmallThread thread;
    bool ending = false;  // was told to make room
    bool ended = false;
  };

  void AcceptLoop();
  void AcceptSome();
  void Serve(FileDescriptor socket);
  void RunClient(std::list<Client>::iterator client);
  [[nodiscard]] bool MakeRoom();
  void Reap();
  void AbortAll();

  const ServerOptions options_;
  const HttpEngine engine_;
  FileDescriptor wake_;  // has input once the server stops: for the acceptor and idle sessions
  SessionShared shared_;
  Listener listener_;
  std::atomic<bool> stopping_{false};
  SmallThread acceptor_;
  std::once_flag stopped_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Client> clients_;  // guarded by mutex_, except a client's session
  std::size_t running_ = 0;    // guarded by mutex_: clients whose thread has not ended
};

bool Server::Impl::StartAccepting() {
  return acceptor_.Start([this] { AcceptLoop(); });
}

void Server::Impl::AcceptLoop() {
  bool last = false;
  while (!last) {
    std::array<pollfd, 2> entries{{{listener_.socket.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    ::poll(entries.data(), entries.size(), static_cast<int>(kReapInterval.count()));
    // The last round takes those whom the system has already told that they are connected.
    last = stopping_.load();
    Reap();
    AcceptSome();
  }
}

void Server::Impl::AcceptSome() {
  for (int i = 0; i < kMostAtOnce; ++i) {
    FileDescriptor socket(
        ::accept4(listener_.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.valid()) {
      const bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
      if (exhausted) std::this_thread::sleep_for(kPause);
      if (errno == ECONNABORTED || errno == EINTR) continue;
      return;
    }
    const int on = 1;
    // A reply that leaves in two packets would wait for the client's delayed acknowledgement.
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    while (!MakeRoom()) {
      if (stopping_.load()) return;
    }
    Serve(std::move(socket));
  }
}

void Server::Impl::Serve(FileDescriptor socket) {
  const std::unique_lock lock(mutex_);
  const auto client = clients_.emplace(clients_.end(), std::move(socket), shared_);
  ++running_;
  if (client->thread.Start([this, client] { RunClient(client); })) return;
  --running_;
  clients_.erase(client);
}

void Server::Impl::RunClient(std::list<Client>::iterator client) {
  client->session.Run();
  const std::unique_lock lock(mutex_);
  client->session.Close();
  client->ended = true;
  --running_;
  changed_.notify_all();
}

// Makes sure that one more client is within the limit. When there are too many, the one that has
// been idle for the longest time goes. False: there is still no room after a while.
bool Server::Impl::MakeRoom() {
  Reap();
  std::unique_lock lock(mutex_);
  if (running_ < options_.max_connections) return true;
  Client* oldest = nullptr;
  for (Client& client : clients_) {
    const auto since = client.session.IdleSince();
    if (client.ending || client.ended || since == 0) continue;
    if (oldest == nullptr || since < oldest->session.IdleSince()) oldest = &client;
  }
  if (oldest != nullptr) {
    oldest->ending = true;
    oldest->session.EndWhenIdle();
  }
  return changed_.wait_for(lock, kPause, [this] { return running_ < options_.max_connections; });
}

// Joins the threads of sessions that have ended.
void Server::Impl::Reap() {
  std::list<Client> ended;
  {
    const std::unique_lock lock(mutex_);
    for (auto client = clients_.begin(); client != clients_.end();) {
      const auto next = std::next(client);
      if (client->ended) ended.splice(ended.end(), clients_, client);
      client = next;
    }
  }
}

void Server::Impl::AbortAll() {
  const std::unique_lock lock(mutex_);
  for (Client& client : clients_) client.session.Abort();
}

void Server::Impl::Stop(milliseconds grace) {
  std::call_once(stopped_, [&] {
    shared_.draining = true;
    stopping_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t woken = ::write(wake_.get(), &one, sizeof(one));
    acceptor_.Join();
    listener_.socket = FileDescriptor();
    const auto all_ended = [this] { return running_ == 0; };
    {
      std::unique_lock lock(mutex_);
      changed_.wait_until(lock, steady_clock::now() + grace, all_ended);
    }
    AbortAll();
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, all_ended);
    }
    Reap();
  });
}

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Routes routes) {
  // A client that goes away while it is written to is an error of that write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  auto listener = Listen(options.address, options.port);
  if (!listener) return tl::unexpected(std::move(listener).error());
  FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return Fail(ErrorKind::kInternal, "no descriptor left for the server");
  auto impl =
      std::make_unique<Impl>(options, std::move(routes), *std::move(listener), std::move(wake));
  if (!impl->StartAccepting()) {
    return Fail(ErrorKind::kInternal, "no thread could be started for the server");
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

int Server::Port() const {
  return impl_->listener().port;
}
std::string Server::Address() const {
  return impl_->listener().address;
}
void Server::Drain() {
  impl_->Drain();
}
void Server::Stop(milliseconds grace) {
  impl_->Stop(grace);
}

}  // namespace injector::webhook
