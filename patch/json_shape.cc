#include "patch/json_shape.h"

namespace injector::patch {

std::string JsonPlace::Pointer() const {
  if (parent == nullptr && key.empty()) return "";
  std::string pointer = parent == nullptr ? "" : parent->Pointer();
  if (is_index) return pointer + "/" + std::to_string(index);
  pointer += '/';
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string_view JsonShape::String(JsonValue object, const JsonPlace& at, std::string_view key) {
  return Checked(object.Find(key), {&at, key}, JsonType::kString).String();
}

bool JsonShape::Bool(JsonValue object, const JsonPlace& at, std::string_view key) {
  return Checked(object.Find(key), {&at, key}, JsonType::kBool).IsTrue();
}

std::int64_t JsonShape::Integer(JsonValue object, const JsonPlace& at, std::string_view key) {
  const JsonPlace place{&at, key};
  const JsonValue value = Checked(object.Find(key), place, JsonType::kNumber);
  if (value.Type() == JsonType::kMissing) return 0;
  const auto number = value.Integer();
  if (!number) Fault(place, "expected an integer of 64 bits");
  return number.value_or(0);
}

JsonValue JsonShape::Object(JsonValue object, const JsonPlace& at, std::string_view key) {
  return Checked(object.Find(key), {&at, key}, JsonType::kObject);
}

JsonValue JsonShape::Checked(JsonValue value, const JsonPlace& at, JsonType type) {
  if (value.Type() == type) return value;
  if (!value.IsMissingOrNull()) Fault(at, type, value.Type());
  return {};
}

void JsonShape::Fault(const JsonPlace& at, JsonType expected, JsonType found) {
  if (fault_) return;
  Fault(at,
        "expected " + std::string(Describe(expected)) + ", found " + std::string(Describe(found)));
}

void JsonShape::Fault(const JsonPlace& at, std::string message) {
  if (!fault_) fault_ = Error{kind_, at.Pointer(), std::move(message)};
}

}  // namespace injector::patch
