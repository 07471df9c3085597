#pragma once

// Reads fields of a JSON document that must have a certain type, and remembers the first that has
// another one. For callers that read many fields and want to name the faulty one.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "patch/json_document.h"
#include "patch/result.h"

namespace injector::patch {

// Where a value stands; the links live on the stack of those who walk down.
struct JsonPlace {
  const JsonPlace* parent = nullptr;
  std::string_view key = {};
  std::size_t index = 0;
  bool is_index = false;

  // The JSON pointer (RFC 6901).
  [[nodiscard]] std::string Pointer() const;
};

// Null and missing values are always accepted and read as empty, as Kubernetes' decoder does.
class JsonShape {
 public:
  explicit JsonShape(ErrorKind kind) : kind_(kind) {}

  [[nodiscard]] std::string_view String(JsonValue object, const JsonPlace& at,
                                        std::string_view key);
  [[nodiscard]] bool Bool(JsonValue object, const JsonPlace& at, std::string_view key);
  // 0 when missing.
  [[nodiscard]] std::int64_t Integer(JsonValue object, const JsonPlace& at, std::string_view key);
  // The member, which must be an object; missing when absent, null or faulty.
  [[nodiscard]] JsonValue Object(JsonValue object, const JsonPlace& at, std::string_view key);

  // Calls visit(element, place) for each element of the list `key`, all of which must be objects.
  template <class Visitor>
  void ForEachObject(JsonValue object, const JsonPlace& at, std::string_view key, Visitor&& visit) {
    const JsonPlace list{&at, key};
    std::size_t index = 0;
    Checked(object.Find(key), list, JsonType::kArray).ForEachElement([&](JsonValue element) {
      const JsonPlace place{&list, {}, index++, true};
      if (element.Type() == JsonType::kObject) {
        visit(element, place);
      } else {
        Fault(place, JsonType::kObject, element.Type());
      }
    });
  }

  // `value` itself, which must be of `type`; missing when absent, null or faulty.
  [[nodiscard]] JsonValue Checked(JsonValue value, const JsonPlace& at, JsonType type);

  void Fault(const JsonPlace& at, JsonType expected, JsonType found);
  void Fault(const JsonPlace& at, std::string message);

  // The first fault, if any.
  [[nodiscard]] const std::optional<Error>& FirstFault() const { return fault_; }

  // `value`, or the first fault.
  template <class T>
  [[nodiscard]] Result<T> Finish(T value) {
    if (fault_) return tl::unexpected(*std::move(fault_));
    return value;
  }

 private:
  ErrorKind kind_;
  std::optional<Error> fault_;
};

}  // namespace injector::patch
