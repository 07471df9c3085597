#pragma once

// What --help says besides the flags: purpose, examples, variables, exit codes.

#include <string_view>

#include "webhook/cli/flags.h"

namespace injector::webhook {

struct HelpText {
  std::string_view purpose;  // first lines
  std::string_view footer;   // examples and the rest
};

[[nodiscard]] HelpText HelpOf(Command command);

// What the program says of itself when no command is given.
[[nodiscard]] std::string_view HelpOfProgram();

}  // namespace injector::webhook
