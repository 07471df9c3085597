#pragma once

// SIGTERM, SIGINT and SIGHUP: the first one asks to stop, the second one ends the process.

#include <csignal>
#include <string_view>

namespace injector::webhook {

// Make it before any thread is started, so that all of them leave these signals to Wait. SIGPIPE is
// ignored from then on: a write to a closed connection fails by its result.
class StopSignals {
 public:
  StopSignals();

  // Blocks until the first signal and names it. From then on another one ends the process with exit
  // code 1, whatever goes on.
  [[nodiscard]] std::string_view Wait() const;

 private:
  sigset_t signals_{};
};

}  // namespace injector::webhook
