#include "tests/support/pretty_json.h"

#include <algorithm>

namespace injector::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 100;

std::string Indent(std::size_t depth) {
  return std::string(2 * depth, ' ');
}

// Without line breaks, and in ASCII: characters that do not show are seen in a diff.
std::string Plain(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/true);
}

// Appends one line with a blank behind each comma and colon. False: it grows beyond `room` bytes,
// and the rest is not written.
bool AppendLine(const Json& value, std::size_t room, std::string& out) {
  if (!value.is_structured() || value.empty()) {
    out += Plain(value);
    return out.size() <= room;
  }
  out += value.is_object() ? "{" : "[";
  for (auto member = value.begin(); member != value.end(); ++member) {
    if (member != value.begin()) out += ", ";
    if (value.is_object()) out += Plain(member.key()) + ": ";
    if (!AppendLine(*member, room, out)) return false;
  }
  out += value.is_object() ? "}" : "]";
  return out.size() <= room;
}

bool IsPlain(const Json& value) {
  return !value.is_structured();
}

void Write(const Json& value, std::size_t depth, std::size_t column, std::string& out);

// Strings and numbers, as many in a line as fit.
void Fill(const Json& list, std::size_t depth, std::string& out) {
  out += "[";
  std::size_t column = kColumns;
  for (auto element = list.begin(); element != list.end(); ++element) {
    const std::string text = Plain(*element) + (element + 1 == list.end() ? "" : ",");
    if (column + 1 + text.size() > kColumns) {
      out += "\n" + Indent(depth + 1);
      column = 2 * (depth + 1);
    } else {
      out += " ";
      ++column;
    }
    out += text;
    column += text.size();
  }
  out += "\n" + Indent(depth) + "]";
}

void WriteMembers(const Json& value, std::size_t depth, std::string& out) {
  out += value.is_object() ? "{" : "[";
  for (auto member = value.begin(); member != value.end(); ++member) {
    out += member == value.begin() ? "\n" : ",\n";
    out += Indent(depth + 1);
    std::size_t column = 2 * (depth + 1);
    if (value.is_object()) {
      const std::string key = Plain(member.key()) + ": ";
      out += key;
      column += key.size();
    }
    Write(*member, depth + 1, column, out);
  }
  out += "\n" + Indent(depth) + (value.is_object() ? "}" : "]");
}

void Write(const Json& value, std::size_t depth, std::size_t column, std::string& out) {
  constexpr std::size_t kComma = 1;
  const std::size_t room = kColumns - std::min(kColumns, column + kComma);
  std::string line;
  if (AppendLine(value, room, line) || IsPlain(value) || value.empty()) {
    out += line;
  } else if (value.is_array() && std::all_of(value.begin(), value.end(), IsPlain)) {
    Fill(value, depth, out);
  } else {
    WriteMembers(value, depth, out);
  }
}

}  // namespace

std::string PrettyJson(const nlohmann::ordered_json& value) {
  std::string text;
  Write(value, 0, 0, text);
  return text + "\n";
}

}  // namespace injector::test
