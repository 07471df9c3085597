#include "k8s/curl_transport.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace injector::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A page of a list is some megabytes; an object at most the 1.5 MiB that etcd takes, written twice.
constexpr std::size_t kMaxBody = std::size_t{64} << 20;
constexpr std::size_t kMaxLine = std::size_t{8} << 20;
constexpr std::size_t kMaxErrorBody = std::size_t{64} << 10;
constexpr long kConnectTimeoutMs = 10'000;

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, CloseEasy>;
using MultiHandle = std::unique_ptr<CURLM, CloseMulti>;
using TextList = std::unique_ptr<curl_slist, FreeList>;

void InitialiseLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

void Append(TextList& list, const std::string& text) {
  list.reset(curl_slist_append(list.release(), text.c_str()));
}

milliseconds Left(steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  return std::max(left, milliseconds(1));
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

// A line break in a header would begin another one.
bool IsHeaderText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

ApiErrorKind KindOf(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return ApiErrorKind::kTimeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return ApiErrorKind::kUntrusted;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return ApiErrorKind::kConfiguration;
    default:
      return ApiErrorKind::kUnreachable;
  }
}

// One exchange: the handle, what it was given and what came back.
class Exchange {
 public:
  Exchange(CURL* handle, const ClusterConfig& config, const ApiRequest& request)
      : handle_(handle), config_(config), request_(request) {}

  // Errors: the credentials cannot be had.
  ApiResult<void> Prepare() {
    const auto credentials = config_.Current();
    if (!credentials) return tl::unexpected(credentials.error());
    if (!IsHeaderText(credentials->token)) {
      return ApiFail(ApiErrorKind::kConfiguration,
                     Name() + ": the bearer token holds a character that no header may hold");
    }
    curl_easy_reset(handle_);
    SetRequest();
    SetServer();
    SetCredentials(*credentials);
    error_text_.fill('\0');
    curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, error_text_.data());
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
    curl_easy_setopt(handle_, CURLOPT_HEADERDATA, this);
    return {};
  }

  // Hands each line of a body of status 200 to `on_line` instead of keeping it.
  void StreamTo(const std::function<bool(std::string_view)>& on_line) { on_line_ = &on_line; }

  // When a peer that sends nothing more counts as dead.
  [[nodiscard]] steady_clock::time_point SilentAt(milliseconds silence) const {
    const auto silent_at = last_byte_ + silence;
    return any_byte_ ? silent_at : std::min(silent_at, request_.deadline);
  }

  ApiResult<ApiReply> Finish(CURLcode code) {
    reply_.status = static_cast<int>(Status());
    if (stopped_by_reader_) return std::move(reply_);
    if (too_long_) {
      return ApiFail(ApiErrorKind::kBadReply, Name() + ": the answer is too long");
    }
    if (code != CURLE_OK) return ApiFail(KindOf(code), Name() + ": " + Explain(code));
    if (reply_.status == 401) config_.Refused();
    return std::move(reply_);
  }

  [[nodiscard]] std::string Name() const {
    return request_.method + " " + request_.path.substr(0, request_.path.find('?'));
  }

 private:
  void SetRequest() {
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    Append(headers_, "Accept: application/json");
    if (request_.content_type.empty()) return;
    Append(headers_, "Content-Type: " + request_.content_type);
    Append(headers_, "Expect:");
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, request_.body.data());
  }

  void SetServer() {
    std::string base = config_.Server();
    const std::string& name = config_.TlsServerName();
    if (!name.empty()) {
      // The name goes into the URL, so that TLS asks for it; the connection goes to the address.
      const std::size_t host = base.find("://") + 3;
      const std::string rest = base.substr(host);
      const std::string address = rest.substr(0, rest.find('/'));
      const std::size_t colon = address.rfind(':');
      const bool has_port =
          colon != std::string::npos && address.find(']', colon) == std::string::npos;
      const std::string port = has_port ? address.substr(colon + 1) : "443";
      Append(connect_to_, name + ":" + port + ":" +
                              (has_port ? address.substr(0, colon) : address) + ":" + port);
      base = base.substr(0, host) + name + ":" + port + rest.substr(address.size());
      curl_easy_setopt(handle_, CURLOPT_CONNECT_TO, connect_to_.get());
    }
    curl_easy_setopt(handle_, CURLOPT_URL, (base + request_.path).c_str());
    curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "https");
    if (!config_.ProxyUrl().empty()) {
      curl_easy_setopt(handle_, CURLOPT_PROXY, config_.ProxyUrl().c_str());
    }
  }

  void SetCredentials(const Credentials& credentials) {
    curl_easy_setopt(handle_, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    SetBlob(CURLOPT_CAINFO_BLOB, credentials.ca);
    // Else the system's authorities would be trusted beside the cluster's own.
    if (!credentials.ca.empty()) curl_easy_setopt(handle_, CURLOPT_CAPATH, nullptr);
    SetBlob(CURLOPT_SSLCERT_BLOB, credentials.client_certificate);
    SetBlob(CURLOPT_SSLKEY_BLOB, credentials.client_key);
    if (!credentials.token.empty()) Append(headers_, "Authorization: Bearer " + credentials.token);
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_.get());
  }

  void SetBlob(CURLoption option, const std::string& text) {
    if (text.empty()) return;
    curl_blob blob{};
    blob.data = const_cast<char*>(text.data());  // copied by the library
    blob.len = text.size();
    blob.flags = CURL_BLOB_COPY;
    curl_easy_setopt(handle_, option, &blob);
  }

  [[nodiscard]] long Status() const {
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  [[nodiscard]] std::string Explain(CURLcode code) const {
    const std::string text = error_text_.data();
    return text.empty() ? curl_easy_strerror(code) : text;
  }

  static std::size_t OnHeader(char* data, std::size_t, std::size_t size, void* self) {
    constexpr std::string_view kName = "retry-after:";
    static_cast<Exchange*>(self)->NoteByte();
    std::string_view line(data, size);
    const bool matches =
        line.size() > kName.size() &&
        std::equal(kName.begin(), kName.end(), line.begin(), [](char wanted, char found) {
          return found == wanted || (found >= 'A' && found <= 'Z' && found - 'A' + 'a' == wanted);
        });
    if (matches) {
      line.remove_prefix(std::min(line.find_first_not_of(' ', kName.size()), line.size()));
      static_cast<Exchange*>(self)->reply_.retry_after =
          std::string(line.substr(0, line.find_first_of("\r\n")));
    }
    return size;
  }

  static std::size_t OnBody(char* data, std::size_t, std::size_t size, void* self) {
    auto* exchange = static_cast<Exchange*>(self);
    exchange->NoteByte();
    return exchange->Take({data, size}) ? size : 0;
  }

  void NoteByte() {
    last_byte_ = steady_clock::now();
    any_byte_ = true;
  }

  bool Take(std::string_view data) {
    if (on_line_ != nullptr && Status() == 200) return TakeLines(data);
    reply_.body += data;
    too_long_ = reply_.body.size() > (on_line_ == nullptr ? kMaxBody : kMaxErrorBody);
    return !too_long_;
  }

  bool TakeLines(std::string_view data) {
    for (std::size_t end = data.find('\n'); end != std::string_view::npos; end = data.find('\n')) {
      line_ += data.substr(0, end);
      data.remove_prefix(end + 1);
      stopped_by_reader_ = !line_.empty() && !(*on_line_)(line_);
      line_.clear();
      if (stopped_by_reader_) return false;
    }
    line_ += data;
    too_long_ = line_.size() > kMaxLine;
    return !too_long_;
  }

  CURL* handle_;
  const ClusterConfig& config_;
  const ApiRequest& request_;
  TextList headers_;
  TextList connect_to_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  const std::function<bool(std::string_view)>* on_line_ = nullptr;
  std::string line_;
  ApiReply reply_;
  steady_clock::time_point last_byte_ = steady_clock::now();
  bool any_byte_ = false;
  bool too_long_ = false;
  bool stopped_by_reader_ = false;
};

}  // namespace

// Idle handles, each with its kept connection.
class CurlTransport::Pool {
 public:
  explicit Pool(const ClusterConfig& config) : config_(config) { InitialiseLibrary(); }
  ~Pool() {
    const NoBrokenPipeSignal no_signal;
    idle_.clear();
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  [[nodiscard]] const ClusterConfig& Config() const { return config_; }

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
      curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(Left(silent_at).count()), nullptr);
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

CurlTransport::CurlTransport(const ClusterConfig& config) : pool_(std::make_unique<Pool>(config)) {}
CurlTransport::~CurlTransport() = default;

ApiResult<ApiReply> CurlTransport::Send(const ApiRequest& request) {
  const NoBrokenPipeSignal no_signal;
  EasyHandle handle = pool_->Take();
  Exchange exchange(handle.get(), pool_->Config(), request);
  if (const auto prepared = exchange.Prepare(); !prepared) {
    return tl::unexpected(prepared.error());
  }
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(Left(request.deadline).count()));
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
  Exchange exchange(handle.get(), pool_->Config(), request);
  if (const auto prepared = exchange.Prepare(); !prepared) {
    return tl::unexpected(prepared.error());
  }
  exchange.StreamTo(on_line);
  return StreamLoop(handle.get(), exchange).Run(silence, stop);
}

}  // namespace injector::k8s
