#include "k8s/base64.h"

#include <cstddef>
#include <cstdint>

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

}  // namespace

void AppendBase64(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + (bytes.size() + 2) / 3 * 4, '=');
  char* to = out.data() + begin;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group =
        ByteAt(bytes, i) << 16U | ByteAt(bytes, i + 1) << 8U | ByteAt(bytes, i + 2);
    *to++ = Digit(group, 18);
    *to++ = Digit(group, 12);
    *to++ = Digit(group, 6);
    *to++ = Digit(group, 0);
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
  std::string bytes;
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos || padding > 0) return std::nullopt;
    group = group << 6U | static_cast<std::uint32_t>(value);
    if (++digits % 4 != 0) continue;
    for (const unsigned shift : {16U, 8U, 0U}) bytes += static_cast<char>(group >> shift & 0xFFU);
  }
  const std::size_t rest = digits % 4;
  if (rest == 1 || padding != (4 - rest) % 4) return std::nullopt;
  if (rest >= 2) bytes += static_cast<char>(group >> (rest == 2 ? 4U : 10U) & 0xFFU);
  if (rest == 3) bytes += static_cast<char>(group >> 2U & 0xFFU);
  return bytes;
}

}  // namespace injector::k8s
