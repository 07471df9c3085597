#include "webhook/http_engine.h"

#include <httplib.h>

#include <algorithm>
#include <utility>

#include "k8s/go_duration.h"

namespace injector::webhook {
namespace {

constexpr std::chrono::seconds kDefaultTimeout(10);  // what the API server sends by default
constexpr std::chrono::seconds kLongestTimeout(30);  // the most that it allows a webhook

HttpReply TextReply(int status, std::string_view text) {
  return HttpReply{.status = status,
                   .content_type = "text/plain; charset=utf-8",
                   .body = std::string(text) + "\n",
                   .headers = {{"X-Content-Type-Options", "nosniff"}},
                   .close = false,
                   .written = {}};
}

TimePoint DeadlineOf(const httplib::Request& request, TimePoint arrived) {
  std::chrono::nanoseconds timeout = kDefaultTimeout;
  if (request.has_param("timeout")) {
    timeout = k8s::ParseGoDuration(request.get_param_value("timeout")).value_or(kDefaultTimeout);
  }
  return arrived + std::min<std::chrono::nanoseconds>(timeout, kLongestTimeout);
}

std::string_view PhraseOf(int status) {
  switch (status) {
    case 408:
      return "Request Timeout";
    case 413:
      return "Payload Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Bad Request";
  }
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The head as a stream to read from, the answer as one to write to.
// The functions without `override` are pure in later releases of cpp-httplib.
class MemoryStream : public httplib::Stream {
 public:
  MemoryStream(std::string_view input, std::string& output) : input_(input), output_(output) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  // NOLINTNEXTLINE(modernize-use-override)
  bool wait_readable() const { return true; }
  // NOLINTNEXTLINE(modernize-use-override)
  bool wait_writable() const { return true; }
  // NOLINTNEXTLINE(modernize-use-override)
  time_t duration() const { return 0; }
  ssize_t read(char* to, std::size_t size) override {
    const std::size_t count = input_.copy(to, size);
    input_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, std::size_t size) override {
    output_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::string_view input_;
  std::string& output_;
};

// What process_request's callbacks need to know of the request that this thread works on; the
// library hands them nothing of ours.
struct Current {
  const Exchange& exchange;
  std::function<void(bool)> written;
  bool routed = false;
  bool close = false;  // the reply asks for it
  int refused = 0;     // as Answer's
};
thread_local Current* current = nullptr;

// What the library would do by itself and must not: compress the answer, send a second
// "100 Continue" (the connection's owner did before it read the body).
void TakeAwayExtras(httplib::Request& request) {
  request.headers.erase("Accept-Encoding");
  request.headers.erase("Expect");
}

// The offset of the next line that begins with "Range:", or npos.
std::size_t FindRange(std::string_view head) {
  constexpr std::string_view kName = "\r\nrange:";
  const auto found = std::search(head.begin(), head.end(), kName.begin(), kName.end(),
                                 [](char a, char b) { return Lower(a) == b; });
  return found == head.end() ? std::string_view::npos
                             : static_cast<std::size_t>(found - head.begin());
}

// Range lines are removed before the library sees them: it reads them with std::regex, whose
// recursion overflows a small stack on a line of a few KiB. A server may ignore Range.
std::string_view WithoutRanges(std::string_view head, std::string& copy) {
  if (FindRange(head) == std::string_view::npos) return head;
  copy = head;
  for (auto at = FindRange(copy); at != std::string::npos; at = FindRange(copy)) {
    copy.erase(at, copy.find("\r\n", at + 2) - at);
  }
  return copy;
}

}  // namespace

class HttpEngine::Library : public httplib::Server {
 public:
  explicit Library(Routes routes) : routes_(std::move(routes)) {
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      Route(request, response);
      return HandlerResponse::Handled;
    });
    // The library's own refusals (a malformed request line) have no body.
    set_error_handler(HandlerWithResponse([](const httplib::Request&, httplib::Response& response) {
      if (current->routed) return HandlerResponse::Unhandled;
      Fill(Refusal(response.status, "malformed request"), response);
      return HandlerResponse::Handled;
    }));
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      response.headers.erase("Keep-Alive");  // promises a number of requests; there is no limit
    });
  }

  void Run(httplib::Stream& stream, bool close, bool& closed) {
    const std::function<void(httplib::Request&)> setup = TakeAwayExtras;
    Call(&Library::process_request, stream, close, closed, setup);
  }

 private:
  using Setup = std::function<void(httplib::Request&)>;

  // cpp-httplib 0.11 (Debian 12), and 0.16 and later, which want the addresses.
  void Call(bool (httplib::Server::*process)(httplib::Stream&, bool, bool&, const Setup&),
            httplib::Stream& stream, bool close, bool& closed, const Setup& setup) {
    (this->*process)(stream, close, closed, setup);
  }
  void Call(bool (httplib::Server::*process)(httplib::Stream&, const std::string&, int,
                                             const std::string&, int, bool, bool&, const Setup&),
            httplib::Stream& stream, bool close, bool& closed, const Setup& setup) {
    (this->*process)(stream, "", 0, "", 0, close, closed, setup);
  }

  static void Fill(HttpReply reply, httplib::Response& response) {
    response.status = reply.status;
    response.body = std::move(reply.body);
    if (!reply.content_type.empty()) response.set_header("Content-Type", reply.content_type);
    for (const auto& [name, value] : reply.headers) response.set_header(name, value);
  }

  // In place of a handler's reply.
  static HttpReply Refusal(int status, std::string_view text) {
    current->refused = status;
    HttpReply reply = TextReply(status, text);
    if (status == 503) reply.headers.emplace_back("Retry-After", "1");
    return reply;
  }

  HttpHandler* Find(const std::string& path) const {
    const auto found = routes_.paths.find(path);
    return found == routes_.paths.end() ? routes_.any_other_path : found->second;
  }

  HttpReply ReplyTo(const httplib::Request& request) const {
    const std::string_view refusal = current->exchange.refusal;
    if (!refusal.empty()) return Refusal(503, refusal);
    HttpHandler* const handler = Find(request.path);
    if (handler == nullptr) return Refusal(404, "404 page not found");
    const std::string content_type = request.get_header_value("Content-Type");
    const std::string coding = request.get_header_value("Content-Encoding");
    try {
      return handler->Handle(
          HttpRequest{.method = request.method,
                      .path = request.path,
                      .content_type = content_type,
                      .content_encoding = coding,
                      .body = current->exchange.body,
                      .deadline = DeadlineOf(request, current->exchange.arrived)});
    } catch (...) {  // a handler does not throw; should one, its client still gets an answer
      return TextReply(500, "internal error");
    }
  }

  void Route(const httplib::Request& request, httplib::Response& response) const {
    current->routed = true;
    HttpReply reply = ReplyTo(request);
    current->written = std::move(reply.written);
    // The library says it by itself when the exchange is the last one anyway.
    current->close = reply.close;
    if (reply.close && !current->exchange.close) response.set_header("Connection", "close");
    Fill(std::move(reply), response);
  }

  const Routes routes_;
};

HttpEngine::HttpEngine(Routes routes) : library_(std::make_unique<Library>(std::move(routes))) {}
HttpEngine::~HttpEngine() = default;

Answer HttpEngine::Process(const Exchange& exchange, std::string& out) const {
  Current mine{.exchange = exchange, .written = {}};
  std::string copy;
  MemoryStream stream(WithoutRanges(exchange.head, copy), out);
  bool closed = exchange.close;
  current = &mine;
  library_->Run(stream, exchange.close, closed);
  current = nullptr;
  // Without routing the head was refused; whatever follows it cannot be trusted.
  return Answer{.close = exchange.close || closed || mine.close || !mine.routed,
                .written = std::move(mine.written),
                .refused = mine.refused};
}

std::string RefusalBytes(int status, std::string_view text) {
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(PhraseOf(status)) +
         "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
         "Connection: close\r\n" +
         (status == 503 ? "Retry-After: 1\r\n" : "") +
         "Content-Length: " + std::to_string(text.size() + 1) + "\r\n\r\n" + std::string(text) +
         "\n";
}

}  // namespace injector::webhook
