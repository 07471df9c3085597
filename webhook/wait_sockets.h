#pragma once

// Waits until every expected socket of a folder answers and no other socket file is dead, so that
// daprd, which scans the folder once and hangs on a dead socket, finds all of them.

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

#include "webhook/expected_argument.h"

namespace injector::webhook {

struct SocketWait {
  std::string folder;
  std::chrono::milliseconds timeout{};  // 0: look once
  std::vector<ExpectedSocketArgument> expected;
};

// How often to look and to speak; tests are quicker.
struct WaitPace {
  std::chrono::milliseconds pause{100};          // between two looks
  std::chrono::milliseconds patience{1000};      // for a socket's answer
  std::chrono::milliseconds answer_holds{2000};  // an older answer is asked for again at the end
  std::chrono::milliseconds report_every{10000};
};

// Returns whether all that is expected is up. Soft sockets that are absent at the time-out are
// forgiven; a socket file that is there and dead is not, whoever's it is.
// Out: one line on `out` for each change and every `report_every`; at the time-out one sentence on
// `err` for each socket that is missing or dead.
// Blocks until then, at most `timeout` and twice `patience`.
[[nodiscard]] bool WaitForSockets(const SocketWait& wait, const WaitPace& pace, std::ostream& out,
                                  std::ostream& err);

}  // namespace injector::webhook
