#include "webhook/request_framing.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace injector::webhook {
namespace {

constexpr std::size_t kMaxChunkLine = 256;  // size and extensions; nobody sends extensions
constexpr std::size_t kMaxTrailerBytes = 8192;

tl::unexpected<FramingFault> Refuse(int status, std::string text) {
  return tl::unexpected<FramingFault>(FramingFault{status, std::move(text)});
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view lower_case) {
  return a.size() == lower_case.size() && std::equal(a.begin(), a.end(), lower_case.begin(),
                                                     [](char x, char y) { return Lower(x) == y; });
}

// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  return (c >= '0' && c <= '9') || (Lower(c) >= 'a' && Lower(c) <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What the header fields say about the body, gathered line by line.
struct FieldScan {
  std::optional<std::size_t> content_length;
  bool too_long = false;
  bool chunked = false;
  bool expects_continue = false;
};

FramingResult<void> TakeContentLength(std::string_view value, FieldScan& scan) {
  std::size_t length = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, code] = std::from_chars(value.data(), end, length);
  if (value.empty() || stop != end || code == std::errc::invalid_argument) {
    return Refuse(400, "invalid Content-Length");
  }
  if (scan.content_length || scan.too_long) return Refuse(400, "more than one Content-Length");
  if (code == std::errc::result_out_of_range) {
    scan.too_long = true;
  } else {
    scan.content_length = length;
  }
  return {};
}

FramingResult<void> TakeField(std::string_view line, FieldScan& scan) {
  const auto colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() ||
      !std::all_of(name.begin(), name.end(), IsTokenChar)) {
    return Refuse(400, "malformed header line");
  }
  const std::string_view value = Trim(line.substr(colon + 1));
  if (EqualsIgnoringCase(name, "content-length")) return TakeContentLength(value, scan);
  if (EqualsIgnoringCase(name, "transfer-encoding")) {
    if (scan.chunked) return Refuse(400, "more than one Transfer-Encoding");
    if (!EqualsIgnoringCase(value, "chunked")) {
      return Refuse(501, "unsupported Transfer-Encoding, expected chunked");
    }
    scan.chunked = true;
  } else if (EqualsIgnoringCase(name, "expect")) {
    scan.expects_continue = EqualsIgnoringCase(value, "100-continue");
  }
  return {};
}

// In: `fields` are the header lines, each with its CR LF.
FramingResult<FieldScan> ScanFields(std::string_view fields) {
  FieldScan scan;
  for (int count = 0; !fields.empty(); ++count) {
    if (count == kMaxHeaders) return Refuse(431, "more than 100 header lines");
    const auto end = fields.find("\r\n");
    if (auto taken = TakeField(fields.substr(0, end), scan); !taken) {
      return tl::unexpected(std::move(taken).error());
    }
    fields.remove_prefix(end + 2);
  }
  if (scan.chunked && (scan.content_length || scan.too_long)) {
    return Refuse(400, "both Content-Length and Transfer-Encoding");
  }
  return scan;
}

// CR and LF only as pairs, no NUL: nothing that another parser could read as a line of its own.
bool HasStrayControls(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0' || head[i] == '\n') return true;
    if (head[i] != '\r') continue;
    if (i + 1 == head.size() || head[i + 1] != '\n') return true;
    ++i;
  }
  return false;
}

}  // namespace

FramingResult<std::optional<RequestHead>> FrameRequest(std::string_view bytes, std::size_t max_body,
                                                       std::size_t searched) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::size_t begin = searched - std::min(searched, kEnd.size() - 1);  // may be cut in two
  const auto end = bytes.substr(0, kMaxHeadBytes).find(kEnd, begin);
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMaxHeadBytes) return Refuse(431, "request head over 16 KiB");
    return std::nullopt;
  }
  const std::string_view lines = bytes.substr(0, end + 2);
  if (HasStrayControls(lines)) return Refuse(400, "malformed request head");
  const auto scan = ScanFields(lines.substr(lines.find("\r\n") + 2));
  if (!scan) return tl::unexpected(scan.error());
  if (scan->too_long || scan->content_length.value_or(0) > max_body) {
    return Refuse(413, "request body over " + std::to_string(max_body) + " bytes");
  }
  return RequestHead{.size = end + kEnd.size(),
                     .content_length = scan->content_length.value_or(0),
                     .chunked = scan->chunked,
                     .expects_continue = scan->expects_continue};
}

FramingResult<std::size_t> ChunkedBody::Feed(std::string_view bytes, std::string& body) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::kComplete) {
    const std::string_view rest = bytes.substr(used);
    if (state_ == State::kData) {
      const std::size_t count = std::min(remaining_, rest.size());
      body.append(rest.substr(0, count));
      remaining_ -= count;
      used += count;
      if (remaining_ == 0) state_ = State::kDataEnd;
      continue;
    }
    const auto end = rest.find("\r\n", std::exchange(searched_, 0));
    const std::size_t limit = state_ == State::kTrailer ? kMaxTrailerBytes : kMaxChunkLine;
    if (std::min(end, rest.size()) > limit) return Refuse(400, "chunk line too long");
    if (end == std::string_view::npos) {
      searched_ = rest.size() - 1;  // its last byte may be a CR
      break;
    }
    if (auto taken = TakeLine(rest.substr(0, end)); !taken) {
      return tl::unexpected(std::move(taken).error());
    }
    used += end + 2;
  }
  return used;
}

FramingResult<void> ChunkedBody::TakeLine(std::string_view line) {
  if (state_ == State::kDataEnd) {
    if (!line.empty()) return Refuse(400, "chunk longer than its size");
    state_ = State::kSize;
    return {};
  }
  if (state_ == State::kTrailer) {
    trailer_bytes_ += line.size() + 2;
    if (trailer_bytes_ > kMaxTrailerBytes) return Refuse(431, "trailers over 8 KiB");
    if (line.empty()) state_ = State::kComplete;
    return {};
  }
  const std::string_view digits = Trim(line.substr(0, line.find(';')));
  std::size_t size = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, code] = std::from_chars(digits.data(), end, size, 16);
  if (digits.empty() || stop != end || code == std::errc::invalid_argument) {
    return Refuse(400, "malformed chunk size");
  }
  if (code == std::errc::result_out_of_range || size > max_body_ - taken_) {
    return Refuse(413, "request body over " + std::to_string(max_body_) + " bytes");
  }
  taken_ += size;
  remaining_ = size;
  state_ = size == 0 ? State::kTrailer : State::kData;
  return {};
}

}  // namespace injector::webhook
