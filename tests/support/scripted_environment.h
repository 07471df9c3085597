#pragma once

// An environment of literal variables.

#include <map>
#include <string>

#include "webhook/cli/environment.h"

namespace injector::test {

inline webhook::Environment EnvironmentOf(
    std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

}  // namespace injector::test
