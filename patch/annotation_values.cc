#include "patch/annotation_values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "patch/name_set.h"

namespace injector::patch {
namespace {

constexpr std::array<std::string_view, 6> kTrueWords = {"y", "yes", "true", "t", "on", "1"};
constexpr std::array<std::string_view, 7> kFalseWords = {"n", "no", "false", "f", "off", "0", ""};

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool EqualsFolded(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return Lower(a) == b; });
}

template <class Words>
bool IsOneOf(std::string_view text, const Words& words) {
  const std::string_view trimmed = Trim(text);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return EqualsFolded(trimmed, word); });
}

bool IsSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool IsIdentifierStart(char c) {
  return c == '_' || (Lower(c) >= 'a' && Lower(c) <= 'z');
}

bool IsIdentifierPart(char c) {
  return IsIdentifierStart(c) || (c >= '0' && c <= '9');
}

// Whether an identifier and '=' follow, after any white space.
bool StartsAssignment(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && IsSpace(text[at])) ++at;
  if (at == text.size() || !IsIdentifierStart(text[at])) return false;
  while (at < text.size() && IsIdentifierPart(text[at])) ++at;
  return at < text.size() && text[at] == '=';
}

std::string_view StripQuotes(std::string_view text) {
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  while (!text.empty() && is_quote(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_quote(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

bool ParseBool(std::string_view text) {
  return IsOneOf(text, kTrueWords);
}

bool IsBoolWord(std::string_view text) {
  return IsOneOf(text, kTrueWords) || IsOneOf(text, kFalseWords);
}

std::optional<std::int32_t> ParseInt32(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool IsWaitTimeout(std::string_view text) {
  constexpr std::int32_t kSecondsOfDay = 24 * 60 * 60;
  if (text.size() < 2 || text.front() < '0' || text.front() > '9') return false;
  const char unit = text.back();
  const std::int32_t seconds = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
  const auto number = ParseInt32(text.substr(0, text.size() - 1));
  return seconds > 0 && number && *number >= 1 && *number <= kSecondsOfDay / seconds;
}

std::string_view ParseHostAddress(std::string_view text) {
  for (std::size_t before = text.size() + 1; text.size() < before;) {
    before = text.size();
    text = Trim(StripQuotes(text));
  }
  return text;
}

std::vector<std::string> ParseNameList(std::string_view text) {
  std::vector<std::string> names;
  NameSet seen;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view name = Trim(text.substr(0, comma));
    if (!name.empty() && seen.Insert(name)) names.emplace_back(name);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

std::vector<NameAndValue> ParseEnvList(std::string_view text) {
  std::vector<NameAndValue> list;
  const auto add = [&](std::string_view part) {
    part = Trim(part);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return;
    list.push_back({part.substr(0, equals), part.substr(equals + 1)});
  };
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',' || !StartsAssignment(text.substr(i + 1))) continue;
    add(text.substr(begin, i - begin));
    begin = i + 1;
  }
  add(text.substr(begin));
  return list;
}

std::optional<SecretReference> ParseSecretReference(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    const std::string_view name = Trim(text);
    return SecretReference{name, name};
  }
  if (text.find(':', colon + 1) != std::string_view::npos) return std::nullopt;
  return SecretReference{Trim(text.substr(0, colon)), Trim(text.substr(colon + 1))};
}

bool IsMountPath(std::string_view path) {
  return path.starts_with('/') && path.find(':') == std::string_view::npos;
}

}  // namespace injector::patch
