#pragma once

// Puts the bytes of a connection together to requests, whole and within their limits. No I/O: its
// owner hands in what has arrived.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "webhook/request_framing.h"

namespace injector::webhook {

// A request that has arrived whole.
struct ArrivedRequest {
  std::string bytes{};   // head and, unless it came in chunks, body
  std::string chunks{};  // the body when it came in chunks
  RequestHead shape{};

  [[nodiscard]] std::string_view Head() const {
    return std::string_view(bytes).substr(0, shape.size);
  }
  [[nodiscard]] std::string_view Body() const {
    return shape.chunked ? std::string_view(chunks) : std::string_view(bytes).substr(shape.size);
  }
};

class RequestReader {
 public:
  explicit RequestReader(std::size_t max_body) : max_body_(max_body) {}

  // Takes the next bytes, which may also be none. True: a request has arrived whole; Take it before
  // the next Feed.
  // Errors: as FrameRequest and ChunkedBody; then the reader is of no more use.
  [[nodiscard]] FramingResult<bool> Feed(std::string_view bytes);

  // The request that has arrived. Bytes behind it stay: Feed("") goes on with them.
  [[nodiscard]] ArrivedRequest Take();

  // Whether bytes of a request that is not whole are here.
  [[nodiscard]] bool HasBegun() const { return !request_.bytes.empty(); }
  [[nodiscard]] bool HasHead() const { return head_known_; }
  // Whether the client waits for "100 Continue" before it sends the body. True once per request.
  [[nodiscard]] bool TakeWishToContinue();
  // Memory that is taken for what has arrived; at most twice as much as that.
  [[nodiscard]] std::size_t HeldBytes() const {
    return request_.bytes.capacity() + request_.chunks.capacity();
  }
  // Forgets all that has arrived, and gives the memory back.
  void Clear();

 private:
  void MakeRoom(std::size_t count);
  [[nodiscard]] FramingResult<bool> FeedHead();
  [[nodiscard]] FramingResult<bool> FeedChunks();

  const std::size_t max_body_;
  ArrivedRequest request_;  // its bytes: also those behind the request
  bool head_known_ = false;
  std::size_t searched_ = 0;  // for the end of the head
  bool wishes_to_continue_ = false;
  std::optional<ChunkedBody> chunked_;
};

}  // namespace injector::webhook
