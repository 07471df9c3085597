#pragma once

// Reads the JSON of a container whose types have been checked: a member that is null counts as
// missing, and nothing here can throw.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "patch/json_shape.h"
#include "patch/quantity.h"
#include "patch/result.h"

namespace injector::patch {

// The member `key`, null when there is none or `object` is no object.
[[nodiscard]] inline const nlohmann::json& Field(const nlohmann::json& object, const char* key) {
  static const nlohmann::json kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

// The text of a string, "" for anything else.
[[nodiscard]] inline std::string_view Text(const nlohmann::json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

// The number of an integer field, 0 for anything else.
[[nodiscard]] inline std::int64_t Integer(const nlohmann::json& value) {
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

[[nodiscard]] inline bool IsTrue(const nlohmann::json& value) {
  return value.is_boolean() && value.get<bool>();
}

// A quantity, which may be written as a string or as a number; nothing when it is none.
[[nodiscard]] inline std::optional<Quantity> QuantityOf(const nlohmann::json& value) {
  if (!value.is_string() && !value.is_number()) return std::nullopt;
  const auto quantity = ParseQuantity(value.is_string() ? Text(value) : value.dump());
  return quantity ? std::optional(*quantity) : std::nullopt;
}

// Keeps the first fault of a container.
class FirstFault {
 public:
  void Add(const JsonPlace& at, std::string message) {
    if (error_) return;
    error_ = Error{ErrorKind::kInvalidContainer, at.Pointer(), std::move(message)};
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<Error> error_;
};

// Calls visit(element, place) for each element of the list `key`.
template <class Visitor>
void ForEachElement(const nlohmann::json& object, const JsonPlace& at, const char* key,
                    Visitor&& visit) {
  const JsonPlace list{&at, key};
  std::size_t index = 0;
  for (const nlohmann::json& element : Field(object, key)) {
    visit(element, JsonPlace{&list, {}, index++, true});
  }
}

}  // namespace injector::patch
