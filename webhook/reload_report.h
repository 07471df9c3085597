#pragma once

// What became of files that are followed while serving, for log, metrics and readiness.

#include <functional>
#include <string>
#include <string_view>

namespace injector::webhook {

struct ReloadReport {
  std::string_view what;  // "resources", "trust-anchors" or "certificate"
  bool good = false;      // false: the last good ones stay
  std::string message;    // what is in use now, or every fault, one a line
};

// Called from whatever thread reads.
using ReloadListener = std::function<void(const ReloadReport&)>;

}  // namespace injector::webhook
