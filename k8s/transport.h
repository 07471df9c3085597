#pragma once

// One HTTP exchange with the API server, without the HTTP library: what the client asks of the
// network, and what a fake answers in tests.

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "k8s/error.h"

namespace injector::k8s {

struct ApiRequest {
  std::string method;        // GET, PATCH
  std::string path;          // with the query, beginning with '/'
  std::string content_type;  // of the body; "" without one
  std::string body;
  std::chrono::steady_clock::time_point deadline;  // for the whole exchange; of a stream: for its
                                                   // first byte
  std::stop_token stop = {};  // ends the exchange within about a second, with kUnreachable
};

struct ApiReply {
  int status = 0;
  std::string retry_after;  // the header's text, "" when missing
  std::string body;         // bounded by the transport
};

// Threads: safe.
class Transport {
 public:
  virtual ~Transport() = default;

  // Blocks until the answer is there, whatever its status, or the deadline.
  // Errors: kConfiguration, kUnreachable, kTimeout, kUntrusted; kBadReply for a body beyond the
  // bound.
  [[nodiscard]] virtual ApiResult<ApiReply> Send(const ApiRequest& request) = 0;

  // Blocks and hands out the body line by line while it comes, with an empty line first, as soon as
  // the server has answered with status 200; other empty lines are left out. A status other than
  // 200 ends with that reply. Ends when the server ends it, when nothing comes for `silence`, when
  // `on_line` returns false, or on stop. Out: the reply with an empty body after a stream of status
  // 200. Errors: as Send; kTimeout after `silence`.
  [[nodiscard]] virtual ApiResult<ApiReply> Stream(
      const ApiRequest& request, std::chrono::milliseconds silence,
      const std::function<bool(std::string_view line)>& on_line, std::stop_token stop) = 0;
};

}  // namespace injector::k8s
