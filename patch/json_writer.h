#pragma once

// Writes JSON text in one pass, members in the order of the calls: same calls, same bytes.

#include <cstdint>
#include <string>
#include <string_view>

namespace injector::patch {

// Appends `text` as a JSON string (RFC 8259 section 7). `text` must be valid UTF-8.
void AppendJsonString(std::string& out, std::string_view text);

// Appends one JSON value to `out`. The caller opens and closes in pairs and names each member;
// commas are the writer's. Not for untrusted call order.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), begin_(out.size()) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  // `name` is one of the program's own, without anything that needs an escape.
  JsonWriter& Key(std::string_view name);
  JsonWriter& String(std::string_view text);
  JsonWriter& Integer(std::int64_t number);
  JsonWriter& Bool(bool value) { return Raw(value ? "true" : "false"); }
  // `json` is a JSON value already written, or several separated by commas; "" adds nothing.
  JsonWriter& Raw(std::string_view json);

  JsonWriter& Member(std::string_view name, std::string_view text) {
    return Key(name).String(text);
  }
  JsonWriter& Member(std::string_view name, std::int64_t number) {
    return Key(name).Integer(number);
  }
  JsonWriter& Member(std::string_view name, bool value) { return Key(name).Bool(value); }
  // Keeps string literals from converting to bool.
  JsonWriter& Member(std::string_view name, const char* text) { return Key(name).String(text); }
  JsonWriter& Member(std::string_view name, int number) { return Key(name).Integer(number); }

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char bracket);
  void Separate();

  std::string& out_;
  std::size_t begin_;
};

}  // namespace injector::patch
