#pragma once

// What `explain` found out about one pod, and how it is shown.

#include <cstddef>
#include <string>
#include <vector>

#include "patch/decision.h"

namespace injector::webhook {

struct Explanation {
  std::string file;
  std::size_t line = 0;
  std::string kind;
  std::string name;  // of the Pod or workload, "" when it has none
  std::string namespace_name;
  std::string app_id;
  bool allowed = true;
  patch::Decisions decisions;  // the first is the pod's verdict
};

// A block for each pod: a title, then a line for each decision with subject, reason and sentence,
// and its advice below it when it is worse than a note.
// In: `colour` adds ANSI colours by severity.
[[nodiscard]] std::string WriteTable(const std::vector<Explanation>& pods, bool colour);

// The same as JSON, ending in a line feed.
[[nodiscard]] std::string WriteJson(const std::vector<Explanation>& pods);

}  // namespace injector::webhook
