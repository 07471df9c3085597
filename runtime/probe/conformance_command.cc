#include "runtime/probe/conformance_command.h"

#include <algorithm>
#include <random>
#include <sstream>
#include <thread>

#include "runtime/conformance/check.h"
#include "runtime/probe/call_command.h"
#include "runtime/probe/started_process.h"
#include "runtime/probe/target.h"

namespace injector::runtime {
namespace {

std::string_view WordOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kFail:
      return "fail";
    case Outcome::kUnsupported:
      return "not supported";
    case Outcome::kNotRun:
      break;
  }
  return "not run";
}

Tint TintOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return Tint::kGood;
    case Outcome::kFail:
      return Tint::kBad;
    default:
      return Tint::kDoubtful;
  }
}

std::string RandomText() {
  std::random_device random;
  std::ostringstream text;
  text << std::hex << random();
  return text.str();
}

Result<ConformanceOptions> OptionsFor(const Arguments& arguments) {
  auto target = FindTarget(arguments, arguments.kind);
  if (!target) return tl::unexpected(target.error());
  auto discovery = Discover(arguments.folder, arguments.probe);
  if (!discovery) return tl::unexpected(discovery.error());
  ConformanceOptions options;
  for (const SocketReport& report : discovery->sockets)
    if (report.entry.path == target->spec.socket) options.socket = report;
  options.target = std::move(target->spec);
  options.patience = arguments.patience;
  options.run = RandomText();
  options.secret_metadata = arguments.metadata;
  options.data = arguments.data;
  return options;
}

// Waits for a component that was just started.
Result<ConformanceOptions> AwaitOptions(const Arguments& arguments) {
  constexpr std::chrono::milliseconds kPause(50);
  const auto end = std::chrono::steady_clock::now() + arguments.patience;
  for (;;) {
    auto options = OptionsFor(arguments);
    if (options || std::chrono::steady_clock::now() > end) return options;
    std::this_thread::sleep_for(kPause);
  }
}

// A killed process leaves its socket behind.
CheckResult CheckRestart(const Arguments& arguments, const ConformanceOptions& options,
                         StartedProcess& process) {
  CheckResult result{"daprd/restart",
                     "after a kill it takes its old socket over and is initialised again", Pass()};
  const auto begin = std::chrono::steady_clock::now();
  Instance instance(InstanceOf(options, "restart"));
  const auto before = instance.Use();
  process.Kill();
  if (!process.Start()) result.finding = Broken("the command cannot be started again");
  const auto end = begin + arguments.patience;
  auto after = instance.Use();
  while (!after && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    after = instance.Use();
  }
  if (!before || !after)
    result.finding = Broken(before ? after.error().message : before.error().message);
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  return result;
}

void PrintJson(const std::vector<CheckResult>& results, const Screen& screen) {
  for (const CheckResult& result : results) {
    nlohmann::ordered_json value;
    value["check"] = result.id;
    value["result"] = WordOf(result.finding.outcome);
    value["text"] = result.text;
    value["detail"] = result.finding.detail;
    value["milliseconds"] = result.took.count();
    screen.Line(value);
  }
}

std::size_t Count(const std::vector<CheckResult>& results, Outcome outcome) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(),
                    [&](const CheckResult& result) { return result.finding.outcome == outcome; }));
}

void PrintTable(const std::vector<CheckResult>& results, const Screen& screen) {
  Table table({"CHECK", "RESULT", "WHAT MUST HOLD"});
  for (const CheckResult& result : results)
    table.Add({{result.id},
               {std::string(WordOf(result.finding.outcome)), TintOf(result.finding.outcome)},
               {result.text}});
  table.Print(screen);
  for (const CheckResult& result : results) {
    if (result.finding.detail.empty()) continue;
    screen.out << screen.Tinted(result.id, TintOf(result.finding.outcome)) << ": "
               << result.finding.detail << '\n';
  }
  screen.out << Count(results, Outcome::kPass) << " passed, " << Count(results, Outcome::kFail)
             << " failed, " << Count(results, Outcome::kUnsupported) << " not supported, "
             << Count(results, Outcome::kNotRun) << " not run\n"
             << std::flush;
}

}  // namespace

int RunConformanceCommand(const Arguments& arguments, const Screen& screen) {
  StartedProcess process(arguments.start);
  const bool starts = !arguments.start.empty();
  if (starts && !process.Start()) return screen.Fault("--start: the command cannot be started");
  const auto options = starts ? AwaitOptions(arguments) : OptionsFor(arguments);
  if (!options) return SayError(options.error(), screen);
  auto results = RunConformance(arguments.kind, *options, [&](const Check& check) {
    screen.Progress(check.id + ": " + check.text);
  });
  if (starts) results.push_back(CheckRestart(arguments, *options, process));
  screen.Progress("");
  screen.json ? PrintJson(results, screen) : PrintTable(results, screen);
  return Count(results, Outcome::kFail) == 0 ? kExitDone : kExitFailed;
}

}  // namespace injector::runtime
