#pragma once

// component-probe, but for main().

#include <string>
#include <vector>

namespace injector::runtime {

// In: `arguments` with the program's name first.
// Out: the exit code; results on standard output, faults on standard error.
[[nodiscard]] int RunProgram(const std::vector<std::string>& arguments);

}  // namespace injector::runtime
