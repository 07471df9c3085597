#include "k8s/base64.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace injector::k8s {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t ByteAt(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

char Digit(std::uint32_t group, unsigned shift) {
  return kAlphabet[(group >> shift) & 0x3FU];
}

// Two digits for each value of twelve bits: half as many look-ups.
constexpr auto kPairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = {kAlphabet[i >> 6U], kAlphabet[i & 0x3FU]};
  return pairs;
}();

struct Digits {
  std::vector<std::uint32_t> values;
  std::size_t padding = 0;
};

// Nothing where `text` holds what is no digit, or a digit behind the padding.
std::optional<Digits> ReadDigits(std::string_view text) {
  Digits digits;
  digits.values.reserve(text.size());
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ') continue;
    if (c == '=') {
      ++digits.padding;
      continue;
    }
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos || digits.padding > 0) return std::nullopt;
    digits.values.push_back(static_cast<std::uint32_t>(value));
  }
  return digits;
}

}  // namespace

void AppendBase64(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + (bytes.size() + 2) / 3 * 4, '=');
  char* to = out.data() + begin;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group =
        ByteAt(bytes, i) << 16U | ByteAt(bytes, i + 1) << 8U | ByteAt(bytes, i + 2);
    std::memcpy(to, kPairs[group >> 12U].data(), 2);
    std::memcpy(to + 2, kPairs[group & 0xFFFU].data(), 2);
    to += 4;
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  const std::uint32_t group =
      ByteAt(bytes, i) << 16U | (rest == 2 ? ByteAt(bytes, i + 1) << 8U : 0U);
  *to++ = Digit(group, 18);
  *to++ = Digit(group, 12);
  if (rest == 2) *to = Digit(group, 6);
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  const std::optional<Digits> digits = ReadDigits(text);
  if (!digits) return std::nullopt;
  const std::size_t rest = digits->values.size() % 4;
  if (rest == 1 || digits->padding != (4 - rest) % 4) return std::nullopt;
  std::string bytes;
  bytes.reserve(digits->values.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned held = 0;  // bits not yet written
  for (const std::uint32_t value : digits->values) {
    bits = bits << 6U | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xFFU);
  }
  return bytes;
}

}  // namespace injector::k8s
