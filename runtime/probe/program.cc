#include "runtime/probe/program.h"

#include <unistd.h>

#include <iostream>

#include "runtime/probe/bench_command.h"
#include "runtime/probe/call_command.h"
#include "runtime/probe/command_line.h"
#include "runtime/probe/conformance_command.h"
#include "runtime/probe/discover_command.h"
#include "runtime/probe/run_command.h"
#include "runtime/probe/target.h"

namespace injector::runtime {
namespace {

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
    case Command::kRun:
      return RunRun(arguments, screen);
    case Command::kConformance:
      return RunConformanceCommand(arguments, screen);
    case Command::kBench:
      return RunBench(arguments, screen);
    case Command::kSubscribe:
    case Command::kRead:
      return RunStream(arguments, screen);
    case Command::kNone:
      break;
    default:
      return RunCall(arguments, screen);
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
