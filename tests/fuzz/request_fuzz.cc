// The bytes that a client sends on a connection, after TLS: framed into requests, each answered.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/fuzz/demand.h"
#include "webhook/http_engine.h"
#include "webhook/request_framing.h"

namespace injector::test {
namespace {

constexpr std::size_t kMaxBody = 2048;

// What the engine's handler saw of a request, and how it answers: the same body back.
class EchoHandler : public webhook::HttpHandler {
 public:
  webhook::HttpReply Handle(const webhook::HttpRequest& request) override {
    ++calls;
    body = request.body;
    Demand(!request.path.empty() && request.path.find('?') == std::string_view::npos,
           "a path has no query", request.path);
    webhook::HttpReply reply;
    reply.content_type = "application/octet-stream";
    reply.body = body;
    return reply;
  }

  int calls = 0;
  std::string body;
};

// One request as it was framed.
struct Framed {
  webhook::RequestHead head;
  std::string body;
  std::size_t used = 0;  // bytes of the input
};

using Outcome = webhook::FramingResult<std::optional<Framed>>;

// In: at most `step` bytes arrive at once.
Outcome Frame(std::string_view bytes, std::size_t step) {
  std::optional<webhook::RequestHead> head;
  for (std::size_t there = std::min(step, bytes.size()); !head;) {
    auto framed = webhook::FrameRequest(bytes.substr(0, there), kMaxBody);
    if (!framed) return tl::unexpected(framed.error());
    head = *framed;
    if (!head && there == bytes.size()) return std::nullopt;
    there = std::min(there + step, bytes.size());
  }
  Demand(head->size <= bytes.size() && head->size <= webhook::kMaxHeadBytes,
         "a head is within what came and within its limit");
  Demand(!head->chunked || head->content_length == 0, "a body has one length");
  std::string_view rest = bytes.substr(head->size);
  if (!head->chunked) {
    Demand(head->content_length <= kMaxBody, "a body is within its limit");
    if (rest.size() < head->content_length) return std::nullopt;
    return Framed{*head, std::string(rest.substr(0, head->content_length)),
                  head->size + head->content_length};
  }
  Framed framed{*head, {}, head->size};
  webhook::ChunkedBody chunks(kMaxBody);
  for (std::string waiting; !chunks.Complete();) {
    if (rest.empty()) return std::nullopt;
    const std::size_t count = std::min(step, rest.size());
    waiting += rest.substr(0, count);
    rest.remove_prefix(count);
    const auto taken = chunks.Feed(waiting, framed.body);
    if (!taken) return tl::unexpected(taken.error());
    Demand(*taken <= waiting.size(), "no more is taken than came");
    waiting.erase(0, *taken);
    framed.used = bytes.size() - rest.size() - waiting.size();
  }
  Demand(framed.body.size() <= kMaxBody, "a body in chunks is within its limit");
  return framed;
}

// However the bytes are cut, they are the same request or are refused.
void CheckCuts(const Outcome& whole, std::string_view bytes) {
  const Outcome cut = Frame(bytes, 1);
  Demand(whole.has_value() == cut.has_value(), "the cut of the bytes does not decide on a refusal",
         bytes);
  if (!whole) return Demand(whole.error().status == cut.error().status, "nor on its status", bytes);
  Demand(whole->has_value() == cut->has_value(), "nor on whether it is whole", bytes);
  if (!*whole) return;
  Demand((*whole)->used == (*cut)->used && (*whole)->body == (*cut)->body,
         "nor on where it ends and what it holds", bytes);
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

// HEAD answers have a length and no body.
bool AsksForHead(std::string_view head) {
  return head.starts_with("HEAD ");
}

// Returns whether the connection goes on.
bool CheckAnswer(const Framed& framed, std::string_view bytes) {
  EchoHandler handler;
  const webhook::HttpEngine engine({.paths = {{"/mutate", &handler}}, .any_other_path = &handler});
  std::string out;
  const webhook::Exchange exchange{.head = bytes.substr(0, framed.head.size),
                                   .body = framed.body,
                                   .arrived = std::chrono::steady_clock::now()};
  const webhook::Answer answer = engine.Process(exchange, out);
  Demand(handler.calls <= 1, "a request is handled once at most");
  Demand(handler.calls == 1 || answer.close, "after a request that nobody handled it is over", out);
  if (AsksForHead(bytes)) return !answer.close;
  std::string_view rest = out;
  const std::string body = TakeResponse(rest);
  Demand(rest.empty(), "a request has one answer", out);
  Demand(handler.calls == 0 || body == framed.body, "the handler's answer is what is sent", out);
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
  constexpr int kMostRequests = 8;
  for (int i = 0; i < kMostRequests && !bytes.empty(); ++i) {
    const Outcome framed = Frame(bytes, bytes.size());
    CheckCuts(framed, bytes);
    if (!framed) return CheckRefusal(framed.error());
    if (!*framed || !CheckAnswer(**framed, bytes)) return;
    bytes.remove_prefix((*framed)->used);
  }
}

}  // namespace
}  // namespace injector::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  injector::test::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
