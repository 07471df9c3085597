#include "k8s/yaml_writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "k8s/yaml_scalar.h"

namespace injector::k8s {
namespace {

using Json = nlohmann::ordered_json;

// Readers give up on a key that is not followed by its colon within 1024 characters.
constexpr std::size_t kMaxSimpleKey = 1000;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Quantities and durations: digits and a unit that no YAML number ends in.
bool IsQuantity(std::string_view text) {
  const auto digits =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
  constexpr std::array kUnits = {"m", "s", "h", "Ki", "Mi", "Gi"};
  return digits > 0 && std::find(kUnits.begin(), kUnits.end(), text.substr(digits)) != kUnits.end();
}

bool IsReservedInAnyCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = IsLetter(c) ? static_cast<char>(c | 0x20) : c;
  return IsReservedWord(lower);
}

// Flags of programs, the usual arguments of containers.
bool IsFlag(std::string_view text) {
  return text.size() > 2 && text.starts_with("--") && IsLetter(text[2]);
}

// Whether a plain scalar can only be a string. What begins with a letter, a slash or two dashes and
// is no word is one; colons and hashes are what ends it early.
bool IsPlain(std::string_view text) {
  if (IsQuantity(text)) return true;
  if (text.empty() || (!IsLetter(text[0]) && text[0] != '/' && !IsFlag(text))) return false;
  if (IsReservedInAnyCase(text)) return false;
  constexpr std::string_view kInside = " ./-_:@=,+()*";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!IsLetter(c) && !IsDigit(c) && kInside.find(c) == kInside.npos) return false;
    const bool last = i + 1 == text.size();
    if ((c == ' ' || c == ':') && (last || text[i + 1] == ' ')) return false;
  }
  return true;
}

// Whether single quotes are easier to read, as around JSON, and keep every byte.
bool IsSingleQuotable(std::string_view text) {
  return text.find_first_of("\"\\") != text.npos && text.find('\'') == text.npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Whether a literal block keeps every byte: printable ASCII, no indentation at first, no line that
// ends in a blank, at most one line feed at the end.
bool IsLiteral(std::string_view text) {
  if (text.find('\n') == text.npos || text.front() == ' ' || text.front() == '\n') return false;
  if (text.ends_with("\n\n") || text.ends_with(' ')) return false;
  if (text.find(" \n") != text.npos) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); });
}

class Writer {
 public:
  std::string Run(const Json& value) && {
    if (!IsBlock(value)) {
      Scalar(value, 0);
      out_ += '\n';
    } else {
      Block(value, 0);
    }
    return std::move(out_);
  }

 private:
  static bool IsBlock(const Json& value) { return value.is_structured() && !value.empty(); }

  // Writes a map or list whose first line begins where the text stands now.
  void Block(const Json& value, std::size_t indent) {
    bool first = true;
    for (auto member = value.begin(); member != value.end(); ++member) {
      if (!first) out_.append(indent, ' ');
      first = false;
      if (value.is_object()) {
        Key(member.key(), indent);
        MemberValue(*member, indent);
      } else {
        out_ += '-';
        ElementValue(*member, indent);
      }
    }
  }

  void Key(const std::string& key, std::size_t indent) {
    const std::string text = IsPlain(key) ? key : Quoted(key);
    if (text.size() <= kMaxSimpleKey) {
      out_ += text + ":";
      return;
    }
    out_ += "? " + text + "\n" + std::string(indent, ' ') + ":";
  }

  void MemberValue(const Json& value, std::size_t indent) {
    if (!IsBlock(value)) return ScalarLine(value, indent);
    const std::size_t inner = value.is_array() ? indent : indent + 2;
    out_ += '\n';
    out_.append(inner, ' ');
    Block(value, inner);
  }

  void ElementValue(const Json& value, std::size_t indent) {
    if (!IsBlock(value)) return ScalarLine(value, indent);
    out_ += ' ';
    Block(value, indent + 2);
  }

  void ScalarLine(const Json& value, std::size_t indent) {
    out_ += ' ';
    Scalar(value, indent);
    out_ += '\n';
  }

  void Scalar(const Json& value, std::size_t indent) {
    if (value.is_string()) return String(value.get_ref<const std::string&>(), indent);
    if (value.is_number_float()) return Float(value.get<double>());
    out_ += value.dump();
  }

  void String(const std::string& text, std::size_t indent) {
    if (IsPlain(text)) {
      out_ += text;
    } else if (IsLiteral(text)) {
      Literal(text, indent + 2);
    } else {
      out_ += Quoted(text);
    }
  }

  // Leaves the last line open, as other scalars do.
  void Literal(std::string_view text, std::size_t indent) {
    out_ += text.ends_with('\n') ? "|" : "|-";
    if (text.ends_with('\n')) text.remove_suffix(1);
    for (bool more = true; more;) {
      const auto feed = text.find('\n');
      const std::string_view line = text.substr(0, feed);
      out_ += '\n';
      if (!line.empty()) out_.append(indent, ' ').append(line);
      more = feed != text.npos;
      if (more) text.remove_prefix(feed + 1);
    }
  }

  // YAML 1.1 wants a point and a sign of the exponent in every floating-point number.
  void Float(double value) {
    std::string text = Json(value).dump();
    const auto exponent = text.find('e');
    if (text.find('.') == text.npos) text.insert(std::min(exponent, text.size()), ".0");
    out_ += text;
  }

  // JSON's own quoting is YAML's too, as long as nothing but ASCII is left unescaped: readers of
  // YAML 1.1 break lines at U+0085, U+2028 and U+2029, and know no surrogate pairs.
  static std::string Quoted(const std::string& text) {
    if (IsSingleQuotable(text)) return "'" + text + "'";
    std::string quoted = "\"";
    std::size_t from = 0;
    while (from < text.size()) from += AppendEscaped(quoted, text, from);
    return quoted + '"';
  }

  // Returns how many bytes it took.
  static std::size_t AppendEscaped(std::string& out, const std::string& text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      AppendAscii(out, text[at]);
      return 1;
    }
    const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    std::uint32_t code = byte & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length && at + i < text.size(); ++i) {
      code = (code << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    }
    const bool letters = code >= 0xA0 && code != 0xAD && code < 0x2000;
    if (letters) {
      out.append(text, at, length);
    } else {
      AppendCode(out, code);
    }
    return length;
  }

  static void AppendAscii(std::string& out, char c) {
    constexpr std::string_view kNamed = "\"\\\n\t\r";
    constexpr std::string_view kNames = "\"\\ntr";
    const auto named = kNamed.find(c);
    if (named != kNamed.npos) {
      out += {'\\', kNames[named]};
    } else if (c < 0x20 || c == 0x7F) {
      AppendCode(out, static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }

  static void AppendCode(std::string& out, std::uint32_t code) {
    std::array<char, 12> escape{};
    std::snprintf(escape.data(), escape.size(), code > 0xFFFF ? "\\U%08X" : "\\u%04X", code);
    out += escape.data();
  }

  std::string out_;
};

}  // namespace

std::string WriteYaml(const Json& value) {
  return Writer().Run(value);
}

}  // namespace injector::k8s
