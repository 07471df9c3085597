#pragma once

// An HTTP exchange without the HTTP library: what the handlers read and what they answer.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace injector::webhook {

// A request whose body has been received whole and within its limits. The views live as long as
// the exchange.
struct HttpRequest {
  std::string_view method;
  std::string_view path;              // without the query
  std::string_view content_type;      // "" when the header is missing
  std::string_view content_encoding;  // "" when the header is missing
  std::string_view body;
  std::chrono::steady_clock::time_point deadline;  // from ?timeout= (30 s at most), else 10 s
};

struct HttpReply {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // besides Content-Type and -Length
  bool close = false;                                        // the connection ends with this reply
  // When set: called once, after the reply was handed to the network whole (true) or could not be.
  std::function<void(bool)> written;
};

// Answers one request. Called from many threads at once; never throws.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  [[nodiscard]] virtual HttpReply Handle(const HttpRequest& request) = 0;
};

}  // namespace injector::webhook
