#pragma once

// Init and what daprd asks directly after it, for each kind.

#include <string>
#include <vector>

#include "runtime/instance.h"

namespace injector::runtime {

// Calls Init, then Features or ListOperations, on the connection.
// Out: the features; of an output binding its operations; of an input binding nothing.
// Blocks: for spec.init_timeout at most.
// Source: Dapr's runtime, start of an instance.
[[nodiscard]] Result<std::vector<std::string>> InitInstance(const Instance& instance,
                                                            const Connection& connection);

}  // namespace injector::runtime
