#include "k8s/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace injector::k8s {
namespace {

using Json = nlohmann::ordered_json;
using Resolved = tl::expected<Json, std::string>;

constexpr std::string_view kYamlTag = "tag:yaml.org,2002:";

constexpr std::array kTrue = {"y",    "Y",    "yes", "Yes", "YES", "true",
                              "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array kFalse = {"n",     "N",     "no",  "No",  "NO", "false",
                               "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array kNull = {"", "~", "null", "Null", "NULL"};
constexpr std::array kNotFinite = {".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF",
                                   "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"};

template <class Words>
bool IsOneOf(const Words& words, std::string_view text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string WithoutUnderscores(std::string_view text) {
  std::string plain(text);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  return plain;
}

// Go's strconv.ParseInt and ParseUint with base 0.
struct IntegerText {
  bool negative = false;
  int base = 10;
  std::string_view digits;
};

std::optional<IntegerText> SplitInteger(std::string_view text) {
  IntegerText parts;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.size() > 1 && text[0] == '0') {
    const char marker = text[1];
    const bool hex = marker == 'x' || marker == 'X';
    const bool octal = marker == 'o' || marker == 'O';
    const bool binary = marker == 'b' || marker == 'B';
    parts.base = hex ? 16 : binary ? 2 : 8;
    text.remove_prefix(hex || octal || binary ? 2 : 1);
  }
  parts.digits = text;
  const auto is_digit = [&parts](char c) {
    const char lower = static_cast<char>(c | 0x20);
    const int value = IsDigit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
    return value < parts.base;
  };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  return parts;
}

Resolved ReadInteger(const IntegerText& parts, std::string_view text) {
  std::uint64_t magnitude = 0;
  const char* end = parts.digits.data() + parts.digits.size();
  const auto [at, error] = std::from_chars(parts.digits.data(), end, magnitude, parts.base);
  constexpr std::uint64_t kLowest = std::uint64_t{1} << 63U;
  if (error != std::errc() || at != end || (parts.negative && magnitude > kLowest)) {
    return tl::unexpected("integer " + std::string(text.substr(0, 40)) +
                          " does not fit 64 bits; quote it if a string is meant");
  }
  if (!parts.negative) return Json(magnitude);
  return Json(static_cast<std::int64_t>(~magnitude + 1U));
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool LooksLikeFloat(std::string_view text) {
  std::size_t at = 0;
  const auto skip_digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at - from;
  };
  const auto skip_sign = [&] {
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  };
  skip_sign();
  std::size_t digits = skip_digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    skip_sign();
    if (skip_digits() == 0) return false;
  }
  return at == text.size();
}

// Nothing when the number is too large for a double: Go then keeps the text.
std::optional<double> ReadFloat(std::string_view text) {
  if (!LooksLikeFloat(text)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc()) return value;
  const double nearest = std::strtod(std::string(text).c_str(), nullptr);
  return std::isfinite(nearest) ? std::optional(nearest) : std::nullopt;
}

// Whole numbers without fraction or exponent, as Go's JSON encoder writes them.
Json AsKubernetesWrites(Json value) {
  if (!value.is_number_float()) return value;
  constexpr double kTwoTo63 = 9223372036854775808.0;
  const auto number = value.get<double>();
  const bool whole = number == std::floor(number) && number >= -kTwoTo63 && number < kTwoTo63;
  return whole ? Json(static_cast<std::int64_t>(number)) : value;
}

// A scalar whose tag leaves the choice to its text.
Resolved ResolvePlain(const std::string& text) {
  if (IsOneOf(kTrue, text)) return Json(true);
  if (IsOneOf(kFalse, text)) return Json(false);
  if (IsOneOf(kNull, text)) return Json(nullptr);
  if (IsOneOf(kNotFinite, text)) {
    return tl::unexpected("JSON has no " + text + "; quote it if a string is meant");
  }
  const char first = text.front();
  const bool number = IsDigit(first) || first == '-' || first == '+';
  if (!number && first != '.') return Json(text);
  const std::string plain = number ? WithoutUnderscores(text) : text;
  if (const auto parts = number ? SplitInteger(plain) : std::nullopt) {
    return ReadInteger(*parts, text);
  }
  if (const auto value = ReadFloat(plain)) return Json(*value);
  return Json(text);
}

bool Fits(std::string_view type, const Json& value) {
  if (type == "bool") return value.is_boolean();
  if (type == "int") return value.is_number_integer();
  if (type == "float") return value.is_number();
  return value.is_null();
}

Resolved Resolve(std::string_view tag, const std::string& text) {
  if (tag == "?") return ResolvePlain(text);
  if (!tag.starts_with(kYamlTag)) return Json(text);
  const std::string type(tag.substr(kYamlTag.size()));
  if (type == "binary") {
    return tl::unexpected(std::string("!!binary is not supported; write the text itself"));
  }
  constexpr std::array kTyped = {"bool", "int", "float", "null"};
  if (!IsOneOf(kTyped, type)) return Json(text);
  auto value = ResolvePlain(text);
  if (value && !Fits(type, *value)) {
    return tl::unexpected("expected a value for !!" + type + ", found " + text.substr(0, 40));
  }
  return value;
}

}  // namespace

Resolved ResolveScalar(std::string_view tag, const std::string& text) {
  return Resolve(tag, text).map(AsKubernetesWrites);
}

tl::expected<std::string, std::string> ResolveKey(std::string_view tag, const std::string& text) {
  const auto value = Resolve(tag, text);
  if (!value) return tl::unexpected(value.error());
  if (value->is_string()) return value->get<std::string>();
  if (value->is_null()) {
    return tl::unexpected(std::string("expected a key, found null; quote it if a string is meant"));
  }
  if (!value->is_number_float()) return value->dump();
  std::array<char, 32> digits{};
  const auto written =
      std::to_chars(digits.begin(), digits.end(), value->get<float>(), std::chars_format::general);
  return std::string(digits.begin(), written.ptr);
}

bool IsReservedWord(std::string_view text) {
  return text == "<<" || text == "=" || IsOneOf(kTrue, text) || IsOneOf(kFalse, text) ||
         IsOneOf(kNull, text) || IsOneOf(kNotFinite, text);
}

}  // namespace injector::k8s
