#pragma once

// component-probe discover.

#include "runtime/probe/arguments.h"
#include "runtime/probe/screen.h"

namespace injector::runtime {

// Returns the exit code: 1 when a socket is broken or the folder cannot be read.
// Blocks: with --watch until the process is stopped.
[[nodiscard]] int RunDiscover(const Arguments& arguments, const Screen& screen);

// "state, pubsub".
[[nodiscard]] std::string KindsText(const std::vector<Kind>& kinds);

}  // namespace injector::runtime
