#pragma once

// Every flag of every command, as data: the command line, the help and the environment are read
// from this one table.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace injector::webhook {

enum class Command : std::uint8_t { kServe, kReview, kInject, kExplain, kCheck, kWait, kVersion };

[[nodiscard]] std::string_view NameOf(Command command);

struct FlagSpec {
  std::string_view group;  // heading in the help
  std::string_view name;   // without dashes
  std::string_view value;  // what stands for the value in the help; "" for a switch
  std::string_view text;   // what it does, with its default
  std::uint32_t commands;  // bit 1 << Command for each command that has it
  char letter = 0;         // short form, 0 for none
  bool repeatable = false;
  bool variable = false;  // also COMPONENT_INJECTOR_<NAME> with '_' for '-'

  [[nodiscard]] bool BelongsTo(Command command) const {
    return (commands >> static_cast<std::uint32_t>(command) & 1U) != 0;
  }
  [[nodiscard]] bool IsSwitch() const { return value.empty(); }
};

[[nodiscard]] std::span<const FlagSpec> AllFlags();

// "COMPONENT_INJECTOR_WAIT_TIMEOUT" for "wait-timeout".
[[nodiscard]] std::string VariableOf(std::string_view flag);

// What was given on the command line, by flag name; a switch without value is "true".
using FlagValues = std::map<std::string, std::vector<std::string>, std::less<>>;

// The flag of `command` whose name is nearest to `name`, or begins with it, when one is near enough
// to be meant.
[[nodiscard]] std::optional<std::string_view> NearestFlag(Command command, std::string_view name);

}  // namespace injector::webhook
