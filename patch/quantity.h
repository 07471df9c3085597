#pragma once

// Kubernetes quantities: "500m", "1.5Gi", "1e3". Exact, no floating point.

#include <compare>
#include <string_view>

#include "patch/result.h"

namespace injector::patch {

class Quantity {
 public:
  __extension__ using Nanos = __int128;

  explicit Quantity(Nanos nanos) : nanos_(nanos) {}

  friend auto operator<=>(const Quantity&, const Quantity&) = default;

  [[nodiscard]] bool IsNegative() const { return nanos_ < 0; }
  [[nodiscard]] bool IsZero() const { return nanos_ == 0; }
  // True when it is a whole number of `unit`s; `unit` must not be zero.
  [[nodiscard]] bool IsMultipleOf(const Quantity& unit) const { return nanos_ % unit.nanos_ == 0; }

 private:
  Nanos nanos_;  // billionths: Kubernetes keeps nothing smaller
};

// Returns the value of `text`: optional sign, digits with at most one dot, then nothing, one of
// n u m k M G T P E, one of Ki Mi Gi Ti Pi Ei, or an exponent such as e3 or E-3.
// Out: parts of a billionth are rounded away from zero.
// Errors: kMalformedObject, with an empty `where`, for anything else (also "" and blanks), for more
// than 64 characters, and for values that need more than 127 bits of billionths (about 1.7e29).
// Source: k8s.io/apimachinery/pkg/api/resource.
[[nodiscard]] Result<Quantity> ParseQuantity(std::string_view text);

}  // namespace injector::patch
