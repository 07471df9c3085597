#include "k8s/manifest_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace injector::k8s {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

bool IsMarker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == marker.size() || kBlank.find(line[marker.size()]) != kBlank.npos);
}

// A blank line or one that holds a comment alone.
bool IsFiller(std::string_view line) {
  const auto first = line.find_first_not_of(kBlank);
  return first == line.npos || line[first] == '#';
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<Segment> Run() && {
    for (std::size_t at = 0; at < text_.size();) {
      const auto feed = text_.find('\n', at);
      const std::size_t next = feed == text_.npos ? text_.size() : feed + 1;
      TakeLine(at, next);
      at = next;
    }
    Close(text_.size(), text_.size());
    return std::move(segments_);
  }

 private:
  void TakeLine(std::size_t at, std::size_t next) {
    const std::string_view line = text_.substr(at, next - at);
    if (IsMarker(line, "...")) return Close(at, next);
    if (IsMarker(line, "---")) {
      if (has_content_ || has_marker_) Close(at, at);
      has_marker_ = true;
      const std::string_view rest = line.substr(3);
      if (!IsFiller(rest)) TakeContent(at + 3 + rest.find_first_not_of(kBlank), next);
      return;
    }
    const bool directive = line.starts_with('%') && !has_content_ && !has_marker_;
    // Behind the first line of content an indented # may belong to a block scalar.
    const bool filler = has_content_ && !line.starts_with('#')
                            ? line.find_first_not_of(kBlank) == line.npos
                            : IsFiller(line);
    if (!directive && !filler) TakeContent(at, next);
  }

  void TakeContent(std::size_t at, std::size_t next) {
    if (!has_content_) current_.content = at;
    has_content_ = true;
    current_.end = next;
  }

  void Close(std::size_t limit, std::size_t next_begin) {
    current_.limit = limit;
    if (has_content_) segments_.push_back(current_);
    current_ = Segment{next_begin, next_begin, next_begin, next_begin};
    has_content_ = false;
    has_marker_ = false;
  }

  std::string_view text_;
  Segment current_;
  bool has_content_ = false;
  bool has_marker_ = false;
  std::vector<Segment> segments_;
};

struct Utf8Range {
  unsigned char first_low, first_high;    // of the first byte
  unsigned char second_low, second_high;  // of the second byte
  std::size_t length;
};

// RFC 3629 section 4.
constexpr std::array<Utf8Range, 8> kMultiByte = {{{0xC2, 0xDF, 0x80, 0xBF, 2},
                                                  {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                                  {0xE1, 0xEC, 0x80, 0xBF, 3},
                                                  {0xED, 0xED, 0x80, 0x9F, 3},
                                                  {0xEE, 0xEF, 0x80, 0xBF, 3},
                                                  {0xF0, 0xF0, 0x90, 0xBF, 4},
                                                  {0xF1, 0xF3, 0x80, 0xBF, 4},
                                                  {0xF4, 0xF4, 0x80, 0x8F, 4}}};

unsigned char ByteAt(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// The length of the multi-byte character at `at`, 0 when it is none.
std::size_t CharacterLength(std::string_view text, std::size_t at) {
  const unsigned char first = ByteAt(text, at);
  for (const Utf8Range& range : kMultiByte) {
    if (first < range.first_low || first > range.first_high) continue;
    if (text.size() - at < range.length) return 0;
    const unsigned char second = ByteAt(text, at + 1);
    if (second < range.second_low || second > range.second_high) return 0;
    for (std::size_t i = 2; i < range.length; ++i) {
      if ((ByteAt(text, at + i) & 0xC0U) != 0x80U) return 0;
    }
    return range.length;
  }
  return 0;
}

std::string Hex(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {'0', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
}

}  // namespace

std::vector<Segment> SplitDocuments(std::string_view text) {
  return Splitter(text).Run();
}

std::optional<ByteFault> FindForbiddenByte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char byte = ByteAt(text, at);
    if (byte >= 0x80) {
      const std::size_t length = CharacterLength(text, at);
      if (length == 0) {
        return ByteFault{at, "byte " + Hex(byte) + " is not UTF-8; save the file as UTF-8"};
      }
      at += length;
      continue;
    }
    const bool blank = byte == '\n' || byte == '\t' || byte == '\r';
    if ((byte < 0x20 && !blank) || byte == 0x7F) {
      return ByteFault{at, "control character " + Hex(byte) + "; write it as an escape in quotes"};
    }
    if (byte == '\r' && (at + 1 == text.size() || text[at + 1] != '\n')) {
      return ByteFault{at, "carriage return without line feed; end lines with a line feed"};
    }
    ++at;
  }
  return std::nullopt;
}

TextPosition PositionOf(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto feeds = std::count(before.begin(), before.end(), '\n');
  const auto last_feed = before.rfind('\n');
  const std::size_t line_begin = last_feed == before.npos ? 0 : last_feed + 1;
  return {static_cast<std::size_t>(feeds) + 1, before.size() - line_begin + 1};
}

}  // namespace injector::k8s
