#include "k8s/go_duration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace injector::k8s {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};

// A name that begins with another one stands before it.
constexpr std::array<Unit, 7> kUnits = {{{"ns", 1},
                                         {"us", 1e3},
                                         {"\xc2\xb5s", 1e3},  // the micro sign
                                         {"ms", 1e6},
                                         {"s", 1e9},
                                         {"m", 60e9},
                                         {"h", 3600e9}}};

constexpr std::size_t kMaxText = 64;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Takes "12", "1.5" or ".5" off the front.
std::optional<double> TakeNumber(std::string_view& text) {
  double value = 0;
  double scale = 0;  // 0 before the point, then 0.1, 0.01 and so on
  std::size_t digits = 0;
  std::size_t used = 0;
  for (; used < text.size() && (IsDigit(text[used]) || text[used] == '.'); ++used) {
    if (text[used] == '.') {
      if (scale != 0) return std::nullopt;
      scale = 0.1;
      continue;
    }
    ++digits;
    const int digit = text[used] - '0';
    value = scale == 0 ? value * 10 + digit : value + digit * scale;
    scale *= 0.1;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(used);
  return value;
}

}  // namespace

std::optional<std::chrono::nanoseconds> ParseGoDuration(std::string_view text,
                                                        std::chrono::hours most) {
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty() || text.size() > kMaxText) return std::nullopt;
  const auto limit = static_cast<double>(std::chrono::nanoseconds(most).count());
  double total = 0;
  while (!text.empty()) {
    const auto number = TakeNumber(text);
    if (!number) return std::nullopt;
    const auto* unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
      return text.starts_with(candidate.name);
    });
    if (unit == kUnits.end()) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total += *number * unit->nanoseconds;
    if (total > limit) return std::nullopt;
  }
  return std::chrono::nanoseconds(std::llround(total));
}

}  // namespace injector::k8s
