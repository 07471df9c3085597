#include "webhook/glob.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace injector::webhook {
namespace {

constexpr char32_t kInvalidCharacter = 0xFFFD;

struct Decoded {
  char32_t character = kInvalidCharacter;
  std::size_t bytes = 1;
};

// The first character of `text`, which must not be empty; a byte that is no UTF-8 counts as one
// invalid character, as in Go.
Decoded DecodeFirst(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80U) return {lead, 1};
  const std::size_t length = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : 2;
  if (lead < 0xC2U || lead > 0xF4U || text.size() < length) return {};
  char32_t character = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return {};
    character = character << 6U | (byte & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kSmallest[length] || surrogate || character > 0x10FFFF) return {};
  return {character, length};
}

// Takes one end of a range in a class. False when there is none; something must follow it too.
bool TakeRangeEnd(std::string_view& rest, char32_t& character) {
  if (rest.empty() || rest[0] == '-' || rest[0] == ']') return false;
  if (rest[0] == '\\') rest.remove_prefix(1);
  if (rest.empty()) return false;
  const Decoded decoded = DecodeFirst(rest);
  if (decoded.character == kInvalidCharacter && decoded.bytes == 1) return false;
  character = decoded.character;
  rest.remove_prefix(decoded.bytes);
  return !rest.empty();
}

}  // namespace

Result<Glob> Glob::Parse(std::string_view pattern) {
  const auto refuse = [pattern](std::string_view why) {
    return Fail(ErrorKind::kUsage, "pattern '" + std::string(pattern) + "': " + std::string(why));
  };
  Glob glob;
  glob.chunks_.emplace_back();
  while (!pattern.empty()) {
    Item item;
    item.byte = pattern[0];
    pattern.remove_prefix(1);
    if (item.byte == '*') {
      glob.chunks_.push_back({true, {}});
      continue;
    }
    if (item.byte == '?') item.kind = Item::kAnyCharacter;
    if (item.byte == '[') {
      item.kind = Item::kClass;
      if (!ParseClass(pattern, item)) {
        return refuse("'[' needs at least one character or range and a ']' behind it");
      }
    }
    if (item.byte == '\\') {
      if (pattern.empty()) return refuse("'\\' needs a character behind it");
      item.byte = pattern[0];
      pattern.remove_prefix(1);
    }
    glob.chunks_.back().items.push_back(std::move(item));
  }
  return glob;
}

bool Glob::ParseClass(std::string_view& rest, Item& item) {
  item.negated = rest.starts_with('^');
  if (item.negated) rest.remove_prefix(1);
  while (!rest.starts_with(']') || item.ranges.empty()) {
    char32_t low = 0;
    if (!TakeRangeEnd(rest, low)) return false;
    char32_t high = low;
    if (rest[0] == '-') {
      rest.remove_prefix(1);
      if (!TakeRangeEnd(rest, high)) return false;
    }
    item.ranges.emplace_back(low, high);
  }
  rest.remove_prefix(1);
  return true;
}

bool Glob::Cut(const Chunk& chunk, std::string_view& text) {
  std::string_view rest = text;
  for (const Item& item : chunk.items) {
    if (rest.empty()) return false;
    std::size_t bytes = 1;
    if (item.kind == Item::kByte) {
      if (rest[0] != item.byte) return false;
    } else {
      const Decoded decoded = DecodeFirst(rest);
      bytes = decoded.bytes;
      const bool within =
          std::any_of(item.ranges.begin(), item.ranges.end(), [&](const auto& range) {
            return range.first <= decoded.character && decoded.character <= range.second;
          });
      if (item.kind == Item::kAnyCharacter ? rest[0] == '/' : within == item.negated) return false;
    }
    rest.remove_prefix(bytes);
  }
  text = rest;
  return true;
}

// Each chunk takes the first place where it fits; stars give nothing back, as in Go.
bool Glob::Matches(std::string_view text) const {
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const Chunk& chunk = chunks_[i];
    const bool last = i + 1 == chunks_.size();
    if (chunk.star && last && chunk.items.empty()) return text.find('/') == text.npos;
    std::string_view rest = text;
    bool fits = Cut(chunk, rest) && (!last || rest.empty());
    while (!fits && chunk.star && !text.empty() && text[0] != '/') {
      text.remove_prefix(1);
      rest = text;
      fits = Cut(chunk, rest) && (!last || rest.empty());
    }
    if (!fits) return false;
    text = rest;
  }
  return true;
}

}  // namespace injector::webhook
