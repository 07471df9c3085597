#pragma once

// Turns flags, as text, into values: the command line first, else the variable
// COMPONENT_INJECTOR_<FLAG> of flags that have one, else what the target holds already.

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "webhook/cli/environment.h"
#include "webhook/cli/flags.h"

namespace injector::webhook {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // what was asked for is not given; or serve cannot start
inline constexpr int kExitUsage = 2;   // command line or input that cannot be read

// Why a command cannot run, and the exit code that says so.
struct OptionFault {
  int exit_code;
  std::string message;
};

template <class T>
using OptionResult = tl::expected<T, OptionFault>;

// Remembers the first fault; every method leaves its target as it is on a fault.
class OptionReader {
 public:
  // In: `variable_fault` is the exit code for a variable that means nothing. The references must
  // outlive the reader.
  OptionReader(const FlagValues& flags, const Environment& environment, int variable_fault)
      : flags_(flags), environment_(environment), variable_fault_(variable_fault) {}

  // Whether the flag or its variable was given.
  [[nodiscard]] bool Has(std::string_view flag) const { return Find(flag).has_value(); }

  void Text(std::string_view flag, std::string& target) const;
  // All values of a repeatable flag; a variable is split at commas.
  void List(std::string_view flag, std::vector<std::string>& target) const;
  // One value, split at commas.
  void Names(std::string_view flag, std::vector<std::string>& target) const;
  // As Go's strconv.ParseBool: 1 t T true TRUE True and their opposites.
  void Switch(std::string_view flag, bool& target);
  // In: `flag_fault` is the exit code for a flag that means nothing.
  void Port(std::string_view flag, int& target, int flag_fault = kExitUsage);
  // A number from 1.
  void Count(std::string_view flag, std::size_t& target);
  // A number from 1 and nothing, k, M, G, Ki, Mi or Gi.
  void Bytes(std::string_view flag, std::size_t& target);
  // As Go writes them: 15s, 1m30s, 500ms.
  void Duration(std::string_view flag, std::chrono::milliseconds& target,
                std::chrono::hours most = std::chrono::hours(24));
  // The text of a time for the argument of `wait`: a number and s, m or h, from 1s to 24h.
  void WaitTimeout(std::string_view flag, std::string& target);
  // A positive quantity of Kubernetes.
  void Quantity(std::string_view flag, std::string& target);
  // 1.32, v1.32, v1.32.1+k3s1: the number behind the first dot.
  void KubernetesMinor(std::string_view flag, std::optional<int>& target);

  template <class T>
  void Choice(std::string_view flag, T& target,
              std::initializer_list<std::pair<std::string_view, T>> words) {
    const auto value = Find(flag);
    if (!value) return;
    std::string expected;
    for (const auto& [word, meaning] : words) {
      if (value->text == word) {
        target = meaning;
        return;
      }
      expected.append(expected.empty() ? "" : ", ").append(word);
    }
    Fault(*value, "one of " + expected);
  }

  void Fault(int exit_code, std::string message);
  [[nodiscard]] const std::optional<OptionFault>& FirstFault() const { return fault_; }

 private:
  struct Value {
    std::string source;  // "--port" or "COMPONENT_INJECTOR_PORT"
    std::string text;    // the last one given
    int exit_code;       // when it means nothing
  };
  [[nodiscard]] std::optional<Value> Find(std::string_view flag) const;
  void Fault(const Value& value, std::string_view expected);

  const FlagValues& flags_;
  const Environment& environment_;
  const int variable_fault_;
  std::optional<OptionFault> fault_;
};

}  // namespace injector::webhook
