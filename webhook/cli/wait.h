#pragma once

// `component-injector wait`: the init container that holds back daprd and the app.

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

#include "webhook/expected_argument.h"

namespace injector::webhook {

struct WaitOptions {
  std::string folder;  // absolute
  std::chrono::milliseconds timeout{std::chrono::seconds{300}};
  std::vector<ExpectedSocketArgument> expected;  // see ParseExpectedSockets
};

inline constexpr int kExitMissing = 1;

// Returns the exit code: 0 when all expected sockets are up, 1 when one is missing or a socket file
// is dead at the time-out, or when a name is so long that its path can never be connected to.
// Blocks until then. While it runs, SIGTERM and SIGINT end the process at once with 128 + signal
// (143, 130): as process 1 of a container it would not die of them by itself.
[[nodiscard]] int RunWait(const WaitOptions& options, std::ostream& out, std::ostream& err);

}  // namespace injector::webhook
