#pragma once

// The program: which command was called, and what became of it.

#include <string>
#include <vector>

namespace injector::webhook {

// Runs the command that `arguments` name, the program's name first. Returns the exit code: 0 done,
// 1 something asked for is not given or the webhook cannot start, 2 usage or unreadable input.
// Blocks until the command has ended. Reads and writes the process's standard streams.
[[nodiscard]] int RunProgram(const std::vector<std::string>& arguments);

}  // namespace injector::webhook
