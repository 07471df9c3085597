#include "runtime/probe/program.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>

#include "runtime/probe/command_line.h"
#include "runtime/probe/discover_command.h"

namespace injector::runtime {
namespace {

std::optional<std::string> ReadVariable(const std::string& name) {
  // The environment is read before any thread is started.
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Screen ScreenFor(const Arguments& arguments) {
  Screen screen{std::cout, std::cerr};
  screen.json = arguments.json;
  screen.colour = !arguments.json && !arguments.no_colour && isatty(STDOUT_FILENO) == 1 &&
                  ReadVariable("NO_COLOR").value_or("").empty();
  screen.progress = isatty(STDERR_FILENO) == 1;
  return screen;
}

int Run(const Arguments& arguments) {
  const Screen screen = ScreenFor(arguments);
  switch (arguments.command) {
    case Command::kDiscover:
      return RunDiscover(arguments, screen);
    case Command::kNone:
      break;
  }
  return kExitUsage;
}

}  // namespace

int RunProgram(const std::vector<std::string>& arguments) {
  const auto parsed = ParseCommandLine(arguments, ReadVariable);
  if (parsed) return Run(*parsed);
  const Spoken& spoken = parsed.error();
  (spoken.exit_code == kExitDone ? std::cout : std::cerr) << spoken.text << std::flush;
  return spoken.exit_code;
}

}  // namespace injector::runtime
