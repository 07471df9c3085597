#pragma once

// The command line, from arguments to a command and its flags, or to what is said instead: help, or
// what is wrong and what was probably meant.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "webhook/cli/flags.h"

namespace injector::webhook {

struct Invocation {
  Command command;
  FlagValues flags;
};

// The end of a run that does nothing but speak.
struct Spoken {
  int exit_code;
  std::string text;  // for standard output when the code is 0, else for standard error
};

// In: `arguments` with the program's name first; as "injector", Dapr's name, it is `serve`. For
// `serve` a single dash does too: an argument longer than two characters that starts with one dash
// gets a second one.
// Errors: code 0 with the help that was asked for; code 2 for arguments that mean nothing.
// Source: Dapr 1.18 cmd/injector/options.
[[nodiscard]] tl::expected<Invocation, Spoken> ParseCommandLine(
    const std::vector<std::string>& arguments);

}  // namespace injector::webhook
