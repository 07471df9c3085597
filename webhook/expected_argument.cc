#include "webhook/expected_argument.h"

#include <optional>
#include <utility>

#include "patch/json_document.h"

namespace injector::webhook {
namespace {

using patch::Error;
using patch::ErrorKind;
using patch::JsonType;
using patch::JsonValue;

bool IsFileName(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

Error NotAFileName(std::string where) {
  return {ErrorKind::kMalformedObject, std::move(where),
          "expected the name of a socket: a file name without its extension"};
}

// Reads the members of one entry; the first fault is kept, later ones follow from it.
class EntryReader {
 public:
  EntryReader(JsonValue entry, std::size_t index)
      : entry_(entry), where_("/" + std::to_string(index)) {}

  patch::Result<ExpectedSocketArgument> Read() && {
    if (entry_.Type() != JsonType::kObject) Expect("", "an object", entry_.Type());
    read_.socket = Text("/socket", entry_.Find("socket"));
    if (!fault_ && !IsFileName(read_.socket)) fault_ = NotAFileName(where_ + "/socket");
    read_.image = Text("/image", entry_.Find("image"));
    read_.note = Text("/note", entry_.Find("note"));
    ReadComponents(entry_.Find("components"));
    ReadSoft(entry_.Find("soft"));
    if (fault_) return tl::unexpected<Error>(*std::move(fault_));
    return std::move(read_);
  }

 private:
  std::string Text(const std::string& member, JsonValue value) {
    if (!value.IsMissingOrNull() && value.Type() != JsonType::kString) {
      Expect(member, "a string", value.Type());
    }
    return std::string(value.String());
  }

  void ReadComponents(JsonValue list) {
    if (list.IsMissingOrNull()) return;
    if (list.Type() != JsonType::kArray) return Expect("/components", "a list", list.Type());
    list.ForEachElement(
        [&](JsonValue name) { read_.components.push_back(Text("/components", name)); });
  }

  void ReadSoft(JsonValue soft) {
    if (soft.IsMissingOrNull()) return;
    if (soft.Type() != JsonType::kBool) return Expect("/soft", "true or false", soft.Type());
    read_.soft = soft.IsTrue();
  }

  void Expect(const std::string& member, const std::string& what, JsonType found) {
    if (fault_) return;
    fault_ = Error{ErrorKind::kMalformedObject, where_ + member,
                   "expected " + what + ", found " + std::string(patch::Describe(found))};
  }

  JsonValue entry_;
  std::string where_;
  ExpectedSocketArgument read_;
  std::optional<Error> fault_;
};

}  // namespace

patch::Result<std::vector<ExpectedSocketArgument>> ParseExpectedSockets(std::string_view json) {
  patch::JsonParser parser;
  const patch::Result<JsonValue> document = parser.Parse(json);
  if (!document) return tl::unexpected<Error>(document.error());
  if (document->Type() != JsonType::kArray) {
    return patch::Fail(
        ErrorKind::kMalformedObject, "",
        "expected a list of sockets, found " + std::string(patch::Describe(document->Type())));
  }
  std::vector<ExpectedSocketArgument> expected;
  std::optional<Error> fault;
  std::size_t index = 0;
  document->ForEachElement([&](JsonValue entry) {
    patch::Result<ExpectedSocketArgument> read = EntryReader(entry, index++).Read();
    if (read) {
      expected.push_back(*std::move(read));
    } else if (!fault) {
      fault = std::move(read).error();
    }
  });
  if (fault) return tl::unexpected<Error>(*std::move(fault));
  return expected;
}

patch::Result<std::vector<ExpectedSocketArgument>> ExpectSocketsByName(
    const std::vector<std::string>& names) {
  std::vector<ExpectedSocketArgument> expected;
  for (const std::string& name : names) {
    if (!IsFileName(name)) return tl::unexpected<Error>(NotAFileName("\"" + name + "\""));
    ExpectedSocketArgument entry;
    entry.socket = name;
    expected.push_back(std::move(entry));
  }
  return expected;
}

}  // namespace injector::webhook
