#include "webhook/cli/option_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

#include "k8s/go_duration.h"
#include "patch/annotation_values.h"
#include "patch/quantity.h"

namespace injector::webhook {
namespace {

bool HasVariable(std::string_view flag) {
  const auto flags = AllFlags();
  return std::any_of(flags.begin(), flags.end(),
                     [&](const FlagSpec& spec) { return spec.name == flag && spec.variable; });
}

// Digits at the beginning of `text`, which are cut off.
std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  const auto number = TakeNumber(text);
  return text.empty() ? number : std::nullopt;
}

std::optional<std::uint64_t> ParseBytes(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::uint64_t bytes;
  };
  constexpr std::array kUnits = {
      Unit{"", 1},          Unit{"k", 1'000},     Unit{"M", 1'000'000},     Unit{"Ki", 1U << 10},
      Unit{"Mi", 1U << 20}, Unit{"Gi", 1U << 30}, Unit{"G", 1'000'000'000},
  };
  const auto number = TakeNumber(text);
  if (!number) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.name != text) continue;
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit.bytes) return std::nullopt;
    return *number * unit.bytes;
  }
  return std::nullopt;
}

}  // namespace

std::optional<OptionReader::Value> OptionReader::Find(std::string_view flag) const {
  const auto given = flags_.find(flag);
  if (given != flags_.end() && !given->second.empty()) {
    return Value{"--" + std::string(flag), given->second.back(), kExitUsage};
  }
  if (!HasVariable(flag)) return std::nullopt;
  const std::string variable = VariableOf(flag);
  auto text = environment_(variable);
  if (!text) return std::nullopt;
  return Value{variable, *std::move(text), variable_fault_};
}

void OptionReader::Fault(int exit_code, std::string message) {
  if (!fault_) fault_ = OptionFault{exit_code, std::move(message)};
}

void OptionReader::Fault(const Value& value, std::string_view expected) {
  Fault(value.exit_code,
        value.source + ": expected " + std::string(expected) + ", found '" + value.text + "'");
}

void OptionReader::Text(std::string_view flag, std::string& target) const {
  if (auto value = Find(flag)) target = std::move(value->text);
}

void OptionReader::List(std::string_view flag, std::vector<std::string>& target) const {
  const auto given = flags_.find(flag);
  if (given != flags_.end()) {
    target = given->second;
    return;
  }
  Names(flag, target);
}

void OptionReader::Names(std::string_view flag, std::vector<std::string>& target) const {
  if (const auto value = Find(flag)) target = patch::ParseNameList(value->text);
}

void OptionReader::Switch(std::string_view flag, bool& target) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
  const auto value = Find(flag);
  if (!value) return;
  if (std::find(kTrue.begin(), kTrue.end(), value->text) != kTrue.end()) {
    target = true;
  } else if (std::find(kFalse.begin(), kFalse.end(), value->text) != kFalse.end()) {
    target = false;
  } else {
    Fault(*value, "true or false");
  }
}

void OptionReader::Port(std::string_view flag, int& target, int flag_fault) {
  constexpr std::uint64_t kHighestPort = 65535;
  auto value = Find(flag);
  if (!value) return;
  if (value->exit_code == kExitUsage) value->exit_code = flag_fault;
  const auto port = ParseNumber(value->text);
  if (!port || *port > kHighestPort) return Fault(*value, "a number from 0 to 65535");
  target = static_cast<int>(*port);
}

void OptionReader::Count(std::string_view flag, std::size_t& target) {
  const auto value = Find(flag);
  if (!value) return;
  const auto count = ParseNumber(value->text);
  if (count.value_or(0) == 0) return Fault(*value, "a number from 1");
  target = *count;
}

void OptionReader::Bytes(std::string_view flag, std::size_t& target) {
  const auto value = Find(flag);
  if (!value) return;
  const auto bytes = ParseBytes(value->text);
  if (bytes.value_or(0) == 0) return Fault(*value, "a number of bytes such as 8Mi or 65536");
  target = *bytes;
}

void OptionReader::Duration(std::string_view flag, std::chrono::milliseconds& target,
                            std::chrono::hours most) {
  const auto value = Find(flag);
  if (!value) return;
  const auto duration = k8s::ParseGoDuration(value->text, most);
  if (!duration) {
    return Fault(*value,
                 "a time such as 15s or 1m30s, at most " + std::to_string(most.count()) + "h");
  }
  target = std::chrono::ceil<std::chrono::milliseconds>(*duration);
}

void OptionReader::WaitTimeout(std::string_view flag, std::string& target) {
  auto value = Find(flag);
  if (!value) return;
  if (!patch::IsWaitTimeout(value->text)) {
    return Fault(*value, "a time such as 300s or 5m, from 1s to 24h");
  }
  target = std::move(value->text);
}

void OptionReader::Quantity(std::string_view flag, std::string& target) {
  auto value = Find(flag);
  if (!value) return;
  const auto quantity = patch::ParseQuantity(value->text);
  if (!quantity || quantity->IsNegative() || quantity->IsZero()) {
    return Fault(*value, "a quantity such as 50m or 32Mi");
  }
  target = std::move(value->text);
}

void OptionReader::KubernetesMinor(std::string_view flag, std::optional<int>& target) {
  constexpr std::uint64_t kHighest = 1000;
  const auto value = Find(flag);
  if (!value) return;
  std::string_view text = value->text;
  if (text.starts_with('v')) text.remove_prefix(1);
  const bool first = text.starts_with("1.");
  if (first) text.remove_prefix(2);
  const auto minor = TakeNumber(text);
  const bool ends = text.empty() || text[0] == '.' || text[0] == '+' || text[0] == '-';
  if (!first || !minor || *minor > kHighest || !ends) {
    return Fault(*value, "a version such as 1.32 or v1.32.1");
  }
  target = static_cast<int>(*minor);
}

}  // namespace injector::webhook
