#include "patch/json_document.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "patch/json_fault.h"

namespace injector::patch {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// More than usual reviews have; the buffers take several times their text, and each thread that
// answers requests has a parser.
constexpr std::size_t kKeptCapacity = std::size_t{64} << 10;

JsonType TypeOf(element value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return JsonType::kArray;
    case element_type::OBJECT:
      return JsonType::kObject;
    case element_type::STRING:
      return JsonType::kString;
    case element_type::BOOL:
      return JsonType::kBool;
    case element_type::NULL_VALUE:
      return JsonType::kNull;
    default:
      return JsonType::kNumber;
  }
}

}  // namespace

struct JsonValue::Access {
  static_assert(sizeof(element) == sizeof(JsonValue::element_));
  static_assert(std::is_trivially_copyable_v<element>);

  static element Get(const JsonValue& value) { return std::bit_cast<element>(value.element_); }

  static JsonValue Wrap(element value) {
    JsonValue wrapped;
    wrapped.type_ = TypeOf(value);
    std::memcpy(wrapped.element_.data(), &value, sizeof value);
    return wrapped;
  }
};

std::string_view Describe(JsonType type) {
  switch (type) {
    case JsonType::kMissing:
      return "no value";
    case JsonType::kNull:
      return "null";
    case JsonType::kBool:
      return "a boolean";
    case JsonType::kNumber:
      return "a number";
    case JsonType::kString:
      return "a string";
    case JsonType::kArray:
      return "an array";
    case JsonType::kObject:
      return "an object";
  }
  return "a value";
}

std::string_view JsonValue::String() const {
  if (type_ != JsonType::kString) return {};
  return Access::Get(*this).get_string().value_unsafe();
}

bool JsonValue::IsTrue() const {
  return type_ == JsonType::kBool && Access::Get(*this).get_bool().value_unsafe();
}

std::optional<std::int64_t> JsonValue::Integer() const {
  if (type_ != JsonType::kNumber) return std::nullopt;
  std::int64_t number = 0;
  if (Access::Get(*this).get_int64().get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

JsonValue JsonValue::Find(std::string_view key) const {
  JsonValue found;
  ForEachMember([&](std::string_view name, JsonValue value) {
    if (name == key) found = value;
  });
  return found;
}

void JsonValue::VisitMembers(void* context,
                             void (*visit)(void*, std::string_view, JsonValue)) const {
  if (type_ != JsonType::kObject) return;
  const simdjson::dom::object members = Access::Get(*this).get_object().value_unsafe();
  for (const auto field : members) {
    visit(context, field.key, Access::Wrap(field.value));
  }
}

void JsonValue::VisitElements(void* context, void (*visit)(void*, JsonValue)) const {
  if (type_ != JsonType::kArray) return;
  const simdjson::dom::array elements = Access::Get(*this).get_array().value_unsafe();
  for (const auto value : elements) {
    visit(context, Access::Wrap(value));
  }
}

namespace {

// A value needs up to 24 bytes while it is read, however short its text: 4 MiB of "1," would need
// 80. Kubernetes' largest object, 1.5 MiB, does not come near, unless most of it is punctuation.
constexpr std::size_t kMaxJsonValues = 500'000;

// Every value but the first one comes behind a comma or an opening bracket, a member's with its
// key.
bool MayHoldTooManyValues(std::string_view text) {
  if (text.size() <= kMaxJsonValues) return false;
  const auto marks = std::count_if(text.begin(), text.end(),
                                   [](char c) { return c == ',' || c == '[' || c == '{'; });
  return static_cast<std::size_t>(marks) >= kMaxJsonValues;
}

}  // namespace

struct JsonParser::State {
  simdjson::dom::parser parser;
  std::string padded;  // the text and the bytes that simdjson may read behind it
};

JsonParser::JsonParser() : state_(std::make_unique<State>()) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

Result<JsonValue> JsonParser::Parse(std::string_view text) {
  if (MayHoldTooManyValues(text)) {
    return Fail(ErrorKind::kMalformedJson, "",
                "more than " + std::to_string(kMaxJsonValues) + " values");
  }
  if (state_->parser.capacity() < text.size() || state_->parser.max_depth() != kMaxJsonDepth) {
    if (const auto error = state_->parser.allocate(text.size() + 1, kMaxJsonDepth)) {
      return Fail(ErrorKind::kMalformedJson, "", simdjson::error_message(error));
    }
  }
  state_->padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  state_->padded.assign(text);
  element root;
  const auto error =
      state_->parser.parse(state_->padded.data(), text.size(), /*realloc_if_needed=*/false)
          .get(root);
  if (error != simdjson::SUCCESS) {
    return tl::unexpected(LocateJsonFault(text, simdjson::error_message(error)));
  }
  return JsonValue::Access::Wrap(root);
}

void JsonParser::Shrink() {
  if (Capacity() > kKeptCapacity) state_ = std::make_unique<State>();
}

std::size_t JsonParser::Capacity() const {
  return state_->parser.capacity();
}

}  // namespace injector::patch
