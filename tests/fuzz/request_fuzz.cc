// The bytes that a client sends on a connection, after TLS: read as requests, each answered.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/demand.h"
#include "webhook/http_engine.h"
#include "webhook/request_framing.h"
#include "webhook/request_reader.h"

namespace injector::test {
namespace {

constexpr std::size_t kMaxBody = 2048;

// What the engine's handler saw of a request, and how it answers: the same body back.
class EchoHandler : public webhook::HttpHandler {
 public:
  webhook::HttpReply Handle(const webhook::HttpRequest& request) override {
    ++calls;
    body = request.body;
    webhook::HttpReply reply;
    reply.content_type = "application/octet-stream";
    reply.body = body;
    return reply;
  }

  int calls = 0;
  std::string body;
};

// What one connection's bytes were read as.
struct Reading {
  std::vector<webhook::ArrivedRequest> requests{};
  std::optional<webhook::FramingFault> fault{};  // after these
};

void CheckShape(const webhook::ArrivedRequest& request) {
  Demand(request.Head().size() <= webhook::kMaxHeadBytes && request.Head().ends_with("\r\n\r\n"),
         "a head is whole and within its limit", request.Head());
  Demand(request.Body().size() <= kMaxBody, "a body is within its limit");
  Demand(request.shape.chunked || request.Body().size() == request.shape.content_length,
         "a body is as long as its head says", request.Head());
}

// In: at most `step` bytes arrive at once.
Reading Read(std::string_view bytes, std::size_t step) {
  constexpr std::size_t kMostRequests = 8;
  Reading reading;
  webhook::RequestReader reader(kMaxBody);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    auto whole = reader.Feed(bytes.substr(at, step));
    Demand(reader.HeldBytes() <= 2 * (at + step) + 64, "memory is bounded by what has arrived");
    for (; whole && *whole; whole = reader.Feed("")) {
      reading.requests.push_back(reader.Take());
      CheckShape(reading.requests.back());
      if (reading.requests.size() == kMostRequests) return reading;
    }
    if (whole) continue;
    reading.fault = whole.error();
    return reading;
  }
  return reading;
}

// However the bytes are cut, they are the same requests and refusal.
void CheckCut(const Reading& reading, std::string_view bytes, std::size_t step) {
  const Reading other = Read(bytes, step);
  Demand(reading.requests.size() == other.requests.size(), "the cut makes no request", bytes);
  for (std::size_t i = 0; i < reading.requests.size(); ++i) {
    Demand(reading.requests[i].Head() == other.requests[i].Head() &&
               reading.requests[i].Body() == other.requests[i].Body(),
           "the cut decides neither where a request ends nor what it holds", bytes);
  }
  Demand(reading.fault.has_value() == other.fault.has_value() &&
             (!reading.fault || reading.fault->status == other.fault->status),
         "the cut does not decide on a refusal", bytes);
}

// Takes one response off the front of `bytes`; returns its body.
std::string TakeResponse(std::string_view& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  Demand(end != std::string_view::npos && bytes.starts_with("HTTP/1."), "an answer has a head",
         bytes);
  const std::string_view head = bytes.substr(0, end + 2);
  bytes.remove_prefix(end + 4);
  std::vector<std::size_t> lengths;
  for (std::size_t at = head.find("\r\nContent-Length: "); at != std::string_view::npos;
       at = head.find("\r\nContent-Length: ", at + 1)) {
    std::size_t length = 0;
    std::from_chars(head.data() + at + 18, head.data() + head.size(), length);
    lengths.push_back(length);
  }
  Demand(lengths.size() == 1, "an answer has one length", head);
  Demand(lengths[0] <= bytes.size(), "an answer is as long as it says", head);
  std::string body(bytes.substr(0, lengths[0]));
  bytes.remove_prefix(lengths[0]);
  return body;
}

// HEAD answers have a length and no body; so may those to a malformed line with that word.
bool MayAskForHead(std::string_view head) {
  return head.substr(0, head.find("\r\n")).find("HEAD") != std::string_view::npos;
}

// Returns whether the connection goes on.
bool CheckAnswer(const webhook::ArrivedRequest& request) {
  EchoHandler handler;
  const webhook::HttpEngine engine({.paths = {{"/mutate", &handler}}, .any_other_path = &handler});
  std::string out;
  const webhook::Answer answer = engine.Process(
      {.head = request.Head(), .body = request.Body(), .arrived = std::chrono::steady_clock::now()},
      out);
  Demand(handler.calls <= 1, "a request is handled once at most");
  Demand(handler.calls == 1 || answer.close, "after a request that nobody handled it is over", out);
  if (MayAskForHead(request.Head())) return !answer.close;
  std::string_view rest = out;
  const std::string body = TakeResponse(rest);
  Demand(rest.empty(), "a request has one answer", out);
  Demand(handler.calls == 0 || body == request.Body(), "the handler's answer is what is sent", out);
  return !answer.close;
}

void CheckRefusal(const webhook::FramingFault& fault) {
  const std::string bytes = webhook::RefusalBytes(fault.status, fault.text);
  std::string_view rest = bytes;
  Demand(!TakeResponse(rest).empty() && rest.empty(), "a refusal is one answer with words", bytes);
  Demand(fault.status == 400 || fault.status == 413 || fault.status == 431 || fault.status == 501,
         "a refusal has one of its statuses", bytes);
}

void Check(std::string_view bytes) {
  const Reading reading = Read(bytes, std::max<std::size_t>(bytes.size(), 1));
  CheckCut(reading, bytes, 1);
  CheckCut(reading, bytes, 7);
  if (reading.fault) CheckRefusal(*reading.fault);
  for (const webhook::ArrivedRequest& request : reading.requests) {
    if (!CheckAnswer(request)) return;
  }
}

}  // namespace
}  // namespace injector::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  injector::test::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
