#include "webhook/cli/program.h"

#include <unistd.h>

#include <iostream>
#include <string_view>

#include "webhook/cli/check.h"
#include "webhook/cli/command_line.h"
#include "webhook/cli/option_reader.h"
#include "webhook/cli/options.h"
#include "webhook/cli/version_text.h"
#include "webhook/text_file.h"

namespace injector::webhook {
namespace {

OptionSources SourcesOfProcess() {
  constexpr std::size_t kLargestResolvConf = std::size_t{64} << 10;
  return {ProcessEnvironment(), ReadTextFile("/etc/resolv.conf", kLargestResolvConf).value_or(""),
          WAIT_IMAGE};
}

void SayWarnings(const CommonOptions& common) {
  for (const std::string& warning : common.warnings) std::cerr << "warning: " << warning << '\n';
}

int SayFault(Command command, const OptionFault& fault) {
  std::cerr << NameOf(command) << ": " << fault.message << "\n'component-injector "
            << NameOf(command) << " --help' lists the flags.\n";
  return fault.exit_code;
}

// A webhook that cannot start says so where its log is looked for.
int SayStartFault(const FlagValues& flags, const OptionFault& fault) {
  if (fault.exit_code == kExitUsage) return SayFault(Command::kServe, fault);
  auto log = Log::Open(ReadLogOptions(flags));
  if (!log) log = Log::Open({});
  if (log) log->Write(LogLevel::kFatal, kInjectorScope, fault.message);
  return fault.exit_code;
}

int Serve(const FlagValues& flags) {
  const auto options = ReadServeOptions(flags, SourcesOfProcess());
  return options ? RunServe(*options) : SayStartFault(flags, options.error());
}

int Review(const FlagValues& flags) {
  const auto options = ReadReviewOptions(flags, SourcesOfProcess());
  if (!options) return SayFault(Command::kReview, options.error());
  SayWarnings(options->common);
  return RunReview(*options, std::cin, std::cout, std::cerr);
}

int Inject(const FlagValues& flags) {
  const auto options = ReadInjectOptions(flags, SourcesOfProcess());
  if (!options) return SayFault(Command::kInject, options.error());
  SayWarnings(options->common);
  return RunInject(*options, std::cin, std::cout, std::cerr);
}

int Explain(const FlagValues& flags) {
  const auto options = ReadExplainOptions(flags, SourcesOfProcess(), isatty(STDOUT_FILENO) == 1);
  if (!options) return SayFault(Command::kExplain, options.error());
  SayWarnings(options->common);
  return RunExplain(*options, std::cin, std::cout, std::cerr);
}

int Check(const FlagValues& flags) {
  const auto options = ReadCheckOptions(flags, ProcessEnvironment());
  if (!options) return SayFault(Command::kCheck, options.error());
  return RunCheck(*options, std::cout, std::cerr);
}

int Wait(const FlagValues& flags) {
  const auto options = ReadWaitOptions(flags);
  if (!options) return SayFault(Command::kWait, options.error());
  return RunWait(*options, std::cout, std::cerr);
}

int Run(const Invocation& invocation) {
  switch (invocation.command) {
    case Command::kServe:
      return Serve(invocation.flags);
    case Command::kReview:
      return Review(invocation.flags);
    case Command::kCheck:
      return Check(invocation.flags);
    case Command::kWait:
      return Wait(invocation.flags);
    case Command::kVersion:
      std::cout << VersionText() << std::flush;
      return kExitDone;
    case Command::kInject:
      return Inject(invocation.flags);
    case Command::kExplain:
      return Explain(invocation.flags);
  }
  return kExitUsage;
}

}  // namespace

int RunProgram(const std::vector<std::string>& arguments) {
  const auto invocation = ParseCommandLine(arguments);
  if (invocation) return Run(*invocation);
  const Spoken& spoken = invocation.error();
  (spoken.exit_code == kExitDone ? std::cout : std::cerr) << spoken.text << std::flush;
  return spoken.exit_code;
}

}  // namespace injector::webhook
