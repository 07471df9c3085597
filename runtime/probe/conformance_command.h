#pragma once

// component-probe conformance.

#include "runtime/probe/arguments.h"
#include "runtime/probe/screen.h"

namespace injector::runtime {

// Runs the suite of a kind and prints its table. Returns the exit code: 1 when a check fails.
// Blocks: minutes at most; every call has a deadline.
[[nodiscard]] int RunConformanceCommand(const Arguments& arguments, const Screen& screen);

}  // namespace injector::runtime
