#pragma once

// component-probe run.

#include "runtime/probe/arguments.h"
#include "runtime/probe/screen.h"

namespace injector::runtime {

// Loads and initialises the Components of --resources and tells what became of each.
// Returns the exit code: 1 when one that is not out of scope is not ready, or a file is at fault.
// Blocks: with --watch until SIGINT or SIGTERM.
[[nodiscard]] int RunRun(const Arguments& arguments, const Screen& screen);

}  // namespace injector::runtime
