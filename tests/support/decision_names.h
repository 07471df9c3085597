#pragma once

// Decisions as "reason-id subject", the form in which tests compare them.

#include <string>
#include <vector>

#include "patch/decision.h"

namespace injector::test {

[[nodiscard]] inline std::vector<std::string> NamesOf(const patch::Decisions& decisions) {
  std::vector<std::string> names;
  for (const patch::Decision& decision : decisions) {
    std::string name(patch::Describe(decision.reason).id);
    if (!decision.subject.empty()) name += ' ' + decision.subject;
    names.push_back(name);
  }
  return names;
}

}  // namespace injector::test
