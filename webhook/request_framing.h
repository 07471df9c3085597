#pragma once

// Where a request ends: the head's length, the body's length or its chunks. Strict, because two
// readers that disagree about lengths are a way in (RFC 9112 section 11.2); the meaning of the
// head is the HTTP engine's affair.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace injector::webhook {

inline constexpr std::size_t kMaxHeadBytes = 16384;  // request line and headers
inline constexpr int kMaxHeaders = 100;

// A request that is refused before it is understood; the connection closes after the answer.
struct FramingFault {
  int status;
  std::string text;
};

template <class T>
using FramingResult = tl::expected<T, FramingFault>;

struct RequestHead {
  std::size_t size = 0;            // bytes up to and including the empty line
  std::size_t content_length = 0;  // 0 when the request has no body
  bool chunked = false;
  bool expects_continue = false;
};

// Frames the request at the front of `bytes`; empty as long as its head has not arrived whole.
// In: of `bytes`, `searched` have been seen before and did not hold the whole head: so a head that
// arrives byte by byte is searched once, not once for each of them.
// Errors: 400 malformed, or lengths that contradict each other; 413 a Content-Length above
// `max_body`; 431 a head over the limits; 501 another transfer coding than chunked.
[[nodiscard]] FramingResult<std::optional<RequestHead>> FrameRequest(std::string_view bytes,
                                                                     std::size_t max_body,
                                                                     std::size_t searched = 0);

// Takes a chunked body apart as it arrives. One per request.
class ChunkedBody {
 public:
  explicit ChunkedBody(std::size_t max_body) : max_body_(max_body) {}

  // Consumes from the front of `bytes` as much as can be used, appending data to `body`.
  // In: `bytes` begin with what the last call has left, which is not searched again.
  // Out: how many bytes were consumed; Complete() says whether the last one was the body's end.
  // Errors: 400 malformed; 413 more data than `max_body`; 431 trailers over 8 KiB.
  [[nodiscard]] FramingResult<std::size_t> Feed(std::string_view bytes, std::string& body);
  [[nodiscard]] bool Complete() const { return state_ == State::kComplete; }

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kComplete };

  [[nodiscard]] FramingResult<void> TakeLine(std::string_view line);

  std::size_t max_body_;
  std::size_t taken_ = 0;      // bytes of data so far
  std::size_t remaining_ = 0;  // bytes of the present chunk still to come
  std::size_t trailer_bytes_ = 0;
  std::size_t searched_ = 0;  // of the line that has yet to end
  State state_ = State::kSize;
};

}  // namespace injector::webhook
