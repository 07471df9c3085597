#include "webhook/request_reader.h"

#include <algorithm>
#include <utility>

namespace injector::webhook {

FramingResult<bool> RequestReader::Feed(std::string_view bytes) {
  MakeRoom(bytes.size());
  request_.bytes.append(bytes);
  if (!head_known_) {
    auto known = FeedHead();
    if (!known || !*known) return known;
  }
  if (chunked_) return FeedChunks();
  return request_.bytes.size() >= request_.shape.size + request_.shape.content_length;
}

// True: the head has arrived whole.
FramingResult<bool> RequestReader::FeedHead() {
  auto framed = FrameRequest(request_.bytes, max_body_, searched_);
  searched_ = request_.bytes.size();
  if (!framed) return tl::unexpected(std::move(framed).error());
  if (!*framed) return false;
  head_known_ = true;
  request_.shape = **framed;
  const bool has_body = request_.shape.chunked || request_.shape.content_length > 0;
  wishes_to_continue_ =
      request_.shape.expects_continue && has_body && request_.bytes.size() == request_.shape.size;
  if (request_.shape.chunked) chunked_.emplace(max_body_);
  return true;
}

// Memory grows with what has arrived, not with what a client says will come; but not beyond that.
void RequestReader::MakeRoom(std::size_t count) {
  std::string& bytes = request_.bytes;
  const std::size_t needed = bytes.size() + count;
  if (needed <= bytes.capacity()) return;
  std::size_t wanted = std::max(needed, 2 * bytes.capacity());
  const std::size_t whole = request_.shape.size + request_.shape.content_length;
  if (head_known_ && !chunked_ && whole >= needed) wanted = std::min(wanted, whole);
  bytes.reserve(wanted);
}

void RequestReader::Clear() {
  request_ = ArrivedRequest{};
  std::string().swap(request_.bytes);  // an assignment would keep the memory
  std::string().swap(request_.chunks);
  head_known_ = false;
  searched_ = 0;
  chunked_.reset();
}

FramingResult<bool> RequestReader::FeedChunks() {
  const std::size_t begin = request_.shape.size;
  auto used = chunked_->Feed(std::string_view(request_.bytes).substr(begin), request_.chunks);
  if (!used) return tl::unexpected(std::move(used).error());
  request_.bytes.erase(begin, *used);
  return chunked_->Complete();
}

ArrivedRequest RequestReader::Take() {
  const std::size_t size = request_.shape.size + request_.shape.content_length;
  std::string behind = request_.bytes.substr(size);
  ArrivedRequest taken = std::move(request_);
  taken.bytes.resize(size);
  Clear();
  request_.bytes = std::move(behind);
  return taken;
}

bool RequestReader::TakeWishToContinue() {
  return std::exchange(wishes_to_continue_, false);
}

}  // namespace injector::webhook
