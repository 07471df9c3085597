#include "k8s/curl_exchange.h"

#include <algorithm>
#include <utility>

namespace injector::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kOk = 200;
constexpr int kUnauthorized = 401;

// An object is at most the 1.5 MiB that etcd takes, written twice; a list with longer pages is
// asked for in smaller ones. As parsed JSON a body takes several times its length.
constexpr std::size_t kMaxBody = std::size_t{16} << 20;
constexpr std::size_t kMaxLine = std::size_t{8} << 20;
constexpr std::size_t kMaxErrorBody = std::size_t{64} << 10;
constexpr long kConnectTimeoutMs = 10'000;

void Append(TextList& list, const std::string& text) {
  list.reset(curl_slist_append(list.release(), text.c_str()));
}

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

std::string WhatOf(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an unknown exception";
  }
}

}  // namespace

milliseconds TimeLeft(steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  return std::max(left, milliseconds(1));
}

ApiResult<void> Exchange::Prepare() {
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
  SetCallbacks();
  return {};
}

steady_clock::time_point Exchange::SilentAt(milliseconds silence) const {
  const auto silent_at = last_byte_ + silence;
  return any_byte_ ? silent_at : std::min(silent_at, request_.deadline);
}

ApiResult<ApiReply> Exchange::Finish(CURLcode code) {
  reply_.status = Status();
  if (thrown_) {
    return ApiFail(ApiErrorKind::kBadReply,
                   Name() + ": the answer could not be taken: " + WhatOf(thrown_));
  }
  if (stopped_by_reader_) return std::move(reply_);
  if (too_long_) return ApiFail(ApiErrorKind::kBadReply, Name() + ": the answer is too long");
  if (code != CURLE_OK) return ApiFail(KindOf(code), Name() + ": " + Explain(code));
  if (reply_.status == kUnauthorized) config_.Refused();
  return std::move(reply_);
}

std::string Exchange::Name() const {
  return request_.method + " " + request_.path.substr(0, request_.path.find('?'));
}

void Exchange::SetRequest() {
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

void Exchange::SetServer() {
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
    Append(connect_to_,
           name + ":" + port + ":" + (has_port ? address.substr(0, colon) : address) + ":" + port);
    base = base.substr(0, host) + name + ":" + port + rest.substr(address.size());
    curl_easy_setopt(handle_, CURLOPT_CONNECT_TO, connect_to_.get());
  }
  curl_easy_setopt(handle_, CURLOPT_URL, (base + request_.path).c_str());
  curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "https");
  if (!config_.ProxyUrl().empty()) {
    curl_easy_setopt(handle_, CURLOPT_PROXY, config_.ProxyUrl().c_str());
  }
}

void Exchange::SetCredentials(const Credentials& credentials) {
  curl_easy_setopt(handle_, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  SetBlob(CURLOPT_CAINFO_BLOB, credentials.ca);
  // Else the system's authorities would be trusted beside the cluster's own.
  if (!credentials.ca.empty()) curl_easy_setopt(handle_, CURLOPT_CAPATH, nullptr);
  SetBlob(CURLOPT_SSLCERT_BLOB, credentials.client_certificate);
  SetBlob(CURLOPT_SSLKEY_BLOB, credentials.client_key);
  if (!credentials.token.empty()) Append(headers_, "Authorization: Bearer " + credentials.token);
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_.get());
}

void Exchange::SetBlob(CURLoption option, const std::string& text) {
  if (text.empty()) return;
  curl_blob blob{};
  blob.data = const_cast<char*>(text.data());  // copied by the library
  blob.len = text.size();
  blob.flags = CURL_BLOB_COPY;
  curl_easy_setopt(handle_, option, &blob);
}

void Exchange::SetCallbacks() {
  error_text_.fill('\0');
  curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  curl_easy_setopt(handle_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's are not the answer
  curl_easy_setopt(handle_, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle_, CURLOPT_XFERINFOFUNCTION, &Exchange::OnProgress);
  curl_easy_setopt(handle_, CURLOPT_XFERINFODATA, this);
}

int Exchange::Status() const {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

std::string Exchange::Explain(CURLcode code) const {
  if (code == CURLE_ABORTED_BY_CALLBACK) return "stopped";
  const std::string text = error_text_.data();
  return text.empty() ? curl_easy_strerror(code) : text;
}

template <class Step>
std::size_t Exchange::Guarded(std::size_t size, const Step& step) {
  try {
    return step() ? size : 0;
  } catch (...) {
    thrown_ = std::current_exception();
    return 0;
  }
}

std::size_t Exchange::OnHeader(char* data, std::size_t, std::size_t size, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  exchange->NoteByte();
  const std::string_view line(data, size);
  return exchange->Guarded(size, [&] {
    exchange->NoteHeader(line);
    const bool ends_head = line == "\r\n" || line == "\n";
    return !ends_head || exchange->OpenStream();
  });
}

void Exchange::NoteHeader(std::string_view line) {
  constexpr std::string_view kName = "retry-after:";
  const bool matches =
      line.size() > kName.size() &&
      std::equal(kName.begin(), kName.end(), line.begin(), [](char wanted, char found) {
        return found == wanted || (found >= 'A' && found <= 'Z' && found - 'A' + 'a' == wanted);
      });
  if (!matches) return;
  line.remove_prefix(std::min(line.find_first_not_of(' ', kName.size()), line.size()));
  reply_.retry_after = std::string(line.substr(0, line.find_first_of("\r\n")));
}

std::size_t Exchange::OnBody(char* data, std::size_t, std::size_t size, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  exchange->NoteByte();
  return exchange->Guarded(size, [&] { return exchange->Take({data, size}); });
}

int Exchange::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* exchange = static_cast<const Exchange*>(self);
  return exchange->stop_.stop_requested() || exchange->request_.stop.stop_requested() ? 1 : 0;
}

void Exchange::NoteByte() {
  last_byte_ = steady_clock::now();
  any_byte_ = true;
}

bool Exchange::OpenStream() {
  if (on_line_ == nullptr || Status() != kOk || std::exchange(opened_, true)) return true;
  stopped_by_reader_ = !(*on_line_)("");
  return !stopped_by_reader_;
}

bool Exchange::Take(std::string_view data) {
  if (on_line_ != nullptr && Status() == kOk) return TakeLines(data);
  reply_.body += data;
  too_long_ = reply_.body.size() > (on_line_ == nullptr ? kMaxBody : kMaxErrorBody);
  return !too_long_;
}

bool Exchange::TakeLines(std::string_view data) {
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

}  // namespace injector::k8s
