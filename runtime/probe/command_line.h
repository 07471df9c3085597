#pragma once

// The command line, from arguments to a command, or to what is said instead.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "runtime/probe/arguments.h"

namespace injector::runtime {

// The end of a run that does nothing but speak.
struct Spoken {
  int exit_code;
  std::string text;  // for standard output when the code is 0, else for standard error
};

// In: `arguments` with the program's name first.
// Errors: code 0 with the help that was asked for; code 2 for arguments that mean nothing.
[[nodiscard]] tl::expected<Arguments, Spoken> ParseCommandLine(
    const std::vector<std::string>& arguments, const Environment& environment);

}  // namespace injector::runtime
