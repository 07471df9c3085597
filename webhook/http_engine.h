#pragma once

// Turns one complete request into the bytes of its answer: cpp-httplib reads the head and writes
// the response; paths are looked up here. No sockets: whoever owns the connection calls Process.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "webhook/server.h"
#include "webhook/socket.h"

namespace injector::webhook {

// One request that has arrived whole; the views live as long as the exchange.
struct Exchange {
  std::string_view head;  // request line and headers, up to and including the empty line
  std::string_view body;  // without chunk framing
  TimePoint arrived;
  bool close = false;          // the connection is to end with this answer
  std::string_view refusal{};  // when set, no handler is asked: the text of a 503
};

struct Answer {
  bool close = false;
  std::function<void(bool)> written;  // as HttpReply::written
  int refused = 0;                    // the status, when no handler was asked
};

class HttpEngine {
 public:
  explicit HttpEngine(Routes routes);
  ~HttpEngine();

  // Appends the answer's bytes to `out`.
  // Threads: safe.
  [[nodiscard]] Answer Process(const Exchange& exchange, std::string& out) const;

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

// The bytes of an answer to what is no proper request: text/plain, then the connection ends.
[[nodiscard]] std::string RefusalBytes(int status, std::string_view text);

}  // namespace injector::webhook
