#pragma once

// Reads JSON text once and hands out read-only values: AdmissionReviews arrive as bytes and stay
// bytes. Call Parse, then navigate; every view lives until the parser's next Parse.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>

#include "patch/result.h"

namespace injector::patch {

inline constexpr std::size_t kMaxJsonDepth = 512;

enum class JsonType { kMissing, kNull, kBool, kNumber, kString, kArray, kObject };

// The word for a type in messages: "an object", "no value".
[[nodiscard]] std::string_view Describe(JsonType type);

// A value inside a parsed document; cheap to copy. A missing value answers every question with
// "nothing".
class JsonValue {
 public:
  JsonValue() = default;

  [[nodiscard]] JsonType Type() const { return type_; }
  [[nodiscard]] bool IsMissingOrNull() const { return type_ <= JsonType::kNull; }

  // The text of a string; "" for any other type.
  [[nodiscard]] std::string_view String() const;
  // True for the literal `true` only.
  [[nodiscard]] bool IsTrue() const;
  // The number when it is an integer of 64 bits.
  [[nodiscard]] std::optional<std::int64_t> Integer() const;

  // The member named `key`, missing when there is none or this is no object. Of repeated keys the
  // last counts, as in Kubernetes' decoder.
  [[nodiscard]] JsonValue Find(std::string_view key) const;

  // Calls visit(key, value) for each member, in document order, repeated keys included.
  template <class Visitor>
  void ForEachMember(Visitor&& visit) const {
    using V = std::remove_reference_t<Visitor>;
    VisitMembers(&visit, [](void* v, std::string_view key, JsonValue value) {
      (*static_cast<V*>(v))(key, value);
    });
  }

  // Calls visit(value) for each element, in order.
  template <class Visitor>
  void ForEachElement(Visitor&& visit) const {
    using V = std::remove_reference_t<Visitor>;
    VisitElements(&visit, [](void* v, JsonValue value) { (*static_cast<V*>(v))(value); });
  }

 private:
  friend class JsonParser;
  struct Access;
  void VisitMembers(void* context, void (*visit)(void*, std::string_view, JsonValue)) const;
  void VisitElements(void* context, void (*visit)(void*, JsonValue)) const;

  JsonType type_ = JsonType::kMissing;
  alignas(void*) std::array<std::byte, 2 * sizeof(void*)> element_{};  // a simdjson element
};

// Owns the buffers of one parse after the other; keep one per thread.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;

  // Parses exactly one JSON value with nothing but white space around it.
  // Errors: kMalformedJson, with the offset, for what RFC 8259 does not allow, for integers beyond
  // 64 bits, lone surrogates, invalid UTF-8 and nesting deeper than kMaxJsonDepth (no two readers
  // agree on them), and for more than 500,000 values, commas and brackets in strings counted too.
  [[nodiscard]] Result<JsonValue> Parse(std::string_view text);

  // Gives back buffers that a large text has grown, so that a parser without work holds little.
  // Out: values of the last parse end.
  void Shrink();

  // The longest text that the buffers take as they are.
  [[nodiscard]] std::size_t Capacity() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace injector::patch
