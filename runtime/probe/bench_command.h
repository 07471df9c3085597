#pragma once

// component-probe bench.

#include "runtime/probe/arguments.h"
#include "runtime/probe/screen.h"

namespace injector::runtime {

// Calls the component from `callers` threads on one connection, as daprd does, and prints calls per
// second and latencies. Returns the exit code: 1 when a call fails.
// Blocks: for `duration` and one call.
[[nodiscard]] int RunBench(const Arguments& arguments, const Screen& screen);

}  // namespace injector::runtime
