#include "patch/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace injector::patch {
namespace {

using Nanos = Quantity::Nanos;

constexpr std::size_t kMaxText = 64;
constexpr int kNanoDigits = 9;
// Larger exponents fit no quantity, whatever stands before them.
constexpr int kMaxExponent = 60;
// A binary quantity is capped at the largest 64-bit integer by Kubernetes itself.
constexpr Nanos kMaxBinary = static_cast<Nanos>(9223372036854775807) * 1000000000;

// What a suffix multiplies by: 2^twos * 10^tens.
struct Scale {
  int twos = 0;
  int tens = 0;
};

struct Suffix {
  std::string_view text;
  Scale scale;
};

constexpr std::array kSuffixes = {
    Suffix{"n", {0, -9}},  Suffix{"u", {0, -6}},  Suffix{"m", {0, -3}},  Suffix{"", {0, 0}},
    Suffix{"k", {0, 3}},   Suffix{"M", {0, 6}},   Suffix{"G", {0, 9}},   Suffix{"T", {0, 12}},
    Suffix{"P", {0, 15}},  Suffix{"E", {0, 18}},  Suffix{"Ki", {10, 0}}, Suffix{"Mi", {20, 0}},
    Suffix{"Gi", {30, 0}}, Suffix{"Ti", {40, 0}}, Suffix{"Pi", {50, 0}}, Suffix{"Ei", {60, 0}}};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<Scale> ReadExponent(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  int exponent = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, exponent);
  if (error != std::errc() || read != end) return std::nullopt;
  if (exponent < -kMaxExponent || exponent > kMaxExponent) return std::nullopt;
  return Scale{0, exponent};
}

std::optional<Scale> ReadSuffix(std::string_view text) {
  for (const Suffix& suffix : kSuffixes) {
    if (text == suffix.text) return suffix.scale;
  }
  if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
  return ReadExponent(text.substr(1));
}

bool Multiply(Nanos& value, int factor, int times) {
  for (int i = 0; i < times; ++i) {
    if (__builtin_mul_overflow(value, static_cast<Nanos>(factor), &value)) return false;
  }
  return true;
}

// `digits` as a number, and how many of them stand behind the dot.
struct Decimal {
  Nanos value = 0;
  int places = 0;
};

std::optional<Decimal> ReadDigits(std::string_view text) {
  Decimal decimal;
  bool dot = false;
  bool any = false;
  for (const char c : text) {
    if (c == '.') {
      if (dot) return std::nullopt;
      dot = true;
      continue;
    }
    any = true;
    if (dot) ++decimal.places;
    if (!Multiply(decimal.value, 10, 1)) return std::nullopt;
    if (__builtin_add_overflow(decimal.value, static_cast<Nanos>(c - '0'), &decimal.value)) {
      return std::nullopt;
    }
  }
  return any ? std::optional(decimal) : std::nullopt;
}

// Divides step by step and rounds up at the end: what a step drops is remembered.
Nanos DivideRoundingUp(Nanos value, int tens) {
  bool dropped = false;
  for (int i = 0; i < tens && (value != 0 || i == 0); ++i) {
    dropped = dropped || value % 10 != 0;
    value /= 10;
  }
  return dropped ? value + 1 : value;
}

std::optional<Nanos> Scaled(const Decimal& decimal, const Scale& scale) {
  Nanos value = decimal.value;
  if (!Multiply(value, 2, scale.twos)) return std::nullopt;
  const int tens = scale.tens - decimal.places + kNanoDigits;
  if (tens < 0) {
    value = DivideRoundingUp(value, -tens);
  } else if (value != 0 && !Multiply(value, 10, tens)) {
    return std::nullopt;
  }
  return scale.twos > 0 ? std::min(value, kMaxBinary) : value;
}

tl::unexpected<Error> NotAQuantity(std::string_view text) {
  return Fail(ErrorKind::kMalformedObject, "",
              "expected a quantity such as 500m or 1.5Gi, found \"" +
                  std::string(text.substr(0, kMaxText)) + "\"");
}

}  // namespace

Result<Quantity> ParseQuantity(std::string_view text) {
  if (text.size() > kMaxText) return NotAQuantity(text);
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const auto end =
      std::find_if(rest.begin(), rest.end(), [](char c) { return !IsDigit(c) && c != '.'; });
  const auto length = static_cast<std::size_t>(end - rest.begin());
  const auto digits = ReadDigits(rest.substr(0, length));
  if (!digits) return NotAQuantity(text);
  const auto scale = ReadSuffix(rest.substr(length));
  if (!scale) return NotAQuantity(text);
  const auto nanos = Scaled(*digits, *scale);
  if (!nanos) return NotAQuantity(text);
  return Quantity(negative ? -*nanos : *nanos);
}

}  // namespace injector::patch
