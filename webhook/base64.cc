#include "webhook/base64.h"

#include <cstddef>
#include <cstdint>

namespace injector::webhook {
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

}  // namespace injector::webhook
