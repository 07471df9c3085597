#include "k8s/curl_transport.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <mutex>
#include <utility>
#include <vector>

#include "k8s/curl_exchange.h"

namespace injector::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void InitialiseLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// While it lives, a write to a connection that the peer has closed is an error and no signal: with
// CURLOPT_NOSIGNAL, which threads need, the library leaves that to its user.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipeSignal() {
    const timespec no_time{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &no_time);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
  NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace

// Idle handles, each with its kept connection.
class CurlTransport::Pool {
 public:
  Pool(const ClusterConfig& config, std::stop_token stop)
      : config_(config), stop_(std::move(stop)) {
    InitialiseLibrary();
  }
  ~Pool() {
    const NoBrokenPipeSignal no_signal;
    idle_.clear();
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  [[nodiscard]] const ClusterConfig& Config() const { return config_; }
  [[nodiscard]] const std::stop_token& Stop() const { return stop_; }

  EasyHandle Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return EasyHandle(curl_easy_init());
    EasyHandle handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void Give(EasyHandle handle) {
    constexpr std::size_t kMostIdle = 4;
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMostIdle) idle_.push_back(std::move(handle));
  }

 private:
  const ClusterConfig& config_;
  const std::stop_token stop_;
  std::mutex mutex_;
  std::vector<EasyHandle> idle_;  // guarded by mutex_
};

namespace {

// Runs the exchange until it ends; `Silent` when nothing came for too long.
class StreamLoop {
 public:
  StreamLoop(CURL* handle, Exchange& exchange) : handle_(handle), exchange_(exchange) {
    curl_multi_add_handle(multi_.get(), handle_);
  }
  ~StreamLoop() { curl_multi_remove_handle(multi_.get(), handle_); }
  StreamLoop(const StreamLoop&) = delete;
  StreamLoop& operator=(const StreamLoop&) = delete;

  ApiResult<ApiReply> Run(milliseconds silence, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
    int running = 1;
    while (true) {
      curl_multi_perform(multi_.get(), &running);
      if (running == 0) return exchange_.Finish(Outcome());
      if (stop.stop_requested()) {
        return ApiFail(ApiErrorKind::kUnreachable, exchange_.Name() + ": stopped");
      }
      const auto silent_at = exchange_.SilentAt(silence);
      if (steady_clock::now() >= silent_at) {
        return ApiFail(ApiErrorKind::kTimeout, exchange_.Name() + ": nothing came in time");
      }
      curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(TimeLeft(silent_at).count()),
                      nullptr);
    }
  }

 private:
  CURLcode Outcome() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    return CURLE_RECV_ERROR;
  }

  CURL* handle_;
  Exchange& exchange_;
  MultiHandle multi_{curl_multi_init()};
};

}  // namespace

CurlTransport::CurlTransport(const ClusterConfig& config, std::stop_token stop)
    : pool_(std::make_unique<Pool>(config, std::move(stop))) {}
CurlTransport::~CurlTransport() = default;

ApiResult<ApiReply> CurlTransport::Send(const ApiRequest& request) {
  const NoBrokenPipeSignal no_signal;
  EasyHandle handle = pool_->Take();
  Exchange exchange(handle.get(), pool_->Config(), request, pool_->Stop());
  if (const auto prepared = exchange.Prepare(); !prepared) {
    return tl::unexpected(prepared.error());
  }
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(TimeLeft(request.deadline).count()));
  auto reply = exchange.Finish(curl_easy_perform(handle.get()));
  // What was set points into `exchange`; the connection stays.
  curl_easy_reset(handle.get());
  if (reply) pool_->Give(std::move(handle));
  return reply;
}

ApiResult<ApiReply> CurlTransport::Stream(const ApiRequest& request, milliseconds silence,
                                          const std::function<bool(std::string_view line)>& on_line,
                                          std::stop_token stop) {
  const NoBrokenPipeSignal no_signal;
  const EasyHandle handle(curl_easy_init());
  Exchange exchange(handle.get(), pool_->Config(), request, pool_->Stop());
  if (const auto prepared = exchange.Prepare(); !prepared) {
    return tl::unexpected(prepared.error());
  }
  exchange.StreamTo(on_line);
  return StreamLoop(handle.get(), exchange).Run(silence, stop);
}

}  // namespace injector::k8s
