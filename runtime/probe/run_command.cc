#include "runtime/probe/run_command.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <string>
#include <utility>

#include "runtime/folder_watch.h"
#include "runtime/probe/call_command.h"
#include "runtime/probe/target.h"

namespace injector::runtime {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

void AskToStop(int /*signal*/) {
  stop_asked = 1;
}

std::string_view WordOf(ComponentState state) {
  switch (state) {
    case ComponentState::kReady:
      return "ready";
    case ComponentState::kFailed:
      return "failed";
    case ComponentState::kParked:
      return "parked";
    case ComponentState::kSkipped:
      return "skipped";
    case ComponentState::kInvalid:
      break;
  }
  return "invalid";
}

Tint TintOf(ComponentState state) {
  if (state == ComponentState::kReady) return Tint::kGood;
  return state == ComponentState::kFailed || state == ComponentState::kInvalid ? Tint::kBad
                                                                               : Tint::kDoubtful;
}

// What daprd would do where this goes on.
std::string DaprdOf(const LoadedComponent& component) {
  if (component.state == ComponentState::kFailed)
    return component.manifest.ignore_errors ? "daprd goes on: ignoreErrors" : "daprd would exit";
  if (component.state == ComponentState::kParked) return "daprd would wait for it in silence";
  return "";
}

void Tell(const LoadedComponent& component, const Screen& screen) {
  const Manifest& manifest = component.manifest;
  const std::string daprd = DaprdOf(component);
  screen.Progress("");
  if (screen.json) {
    nlohmann::ordered_json value;
    value["component"] = manifest.name;
    value["type"] = manifest.type;
    value["place"] = manifest.Place();
    value["state"] = WordOf(component.state);
    value["message"] = component.message;
    value["warnings"] = component.warnings;
    value["daprd"] = daprd;
    return screen.Line(value);
  }
  screen.out << screen.Tinted(WordOf(component.state), TintOf(component.state)) << "  "
             << manifest.name << " (" << manifest.type
             << (manifest.version.empty() ? "" : "/" + manifest.version) << ") " << manifest.Place()
             << ": " << component.message << (daprd.empty() ? "" : "; " + daprd) << '\n';
  for (const std::string& warning : component.warnings) screen.out << "  " << warning << '\n';
  screen.out << std::flush;
}

void Tell(const ManifestFault& fault, const Screen& screen) {
  if (screen.json)
    return screen.Line({{"place", fault.place},
                        {"component", fault.name},
                        {"state", fault.warning ? "passed over" : "invalid"},
                        {"message", fault.message}});
  screen.out << screen.Tinted(fault.warning ? "passed over" : "invalid",
                              fault.warning ? Tint::kDoubtful : Tint::kBad)
             << "  " << (fault.name.empty() ? "" : fault.name + " ") << fault.place << ": "
             << fault.message << '\n'
             << std::flush;
}

bool AllReady(const ComponentSet& set) {
  const auto& all = set.components();
  return std::all_of(all.begin(), all.end(), [](const auto& component) {
    return component->state == ComponentState::kReady ||
           component->state == ComponentState::kSkipped ||
           (component->state == ComponentState::kFailed && component->manifest.ignore_errors);
  });
}

// Tries again what is not ready whenever the socket folder changes.
void Follow(ComponentSet& set, FolderWatch& watch, const Arguments& arguments,
            const LoadProgress& progress) {
  constexpr std::chrono::milliseconds kLook(200);  // for a signal
  while (stop_asked == 0) {
    if (!watch.Wait(kLook)) continue;
    auto discovery = Discover(arguments.folder, arguments.probe);
    if (discovery) set.Retry(std::move(*discovery), progress);
  }
}

}  // namespace

int RunRun(const Arguments& arguments, const Screen& screen) {
  (void)std::signal(SIGINT, AskToStop);
  (void)std::signal(SIGTERM, AskToStop);
  FolderWatch watch(arguments.folder);
  screen.Progress("asking the sockets in " + arguments.folder);
  auto discovery = Discover(arguments.folder, arguments.probe);
  if (!discovery) return SayError(discovery.error(), screen);
  auto loaded = LoadFor(arguments);
  if (!loaded) return SayError(loaded.error(), screen);
  screen.Progress("");
  bool faults = false;
  for (const ManifestFault& fault : loaded->faults) {
    Tell(fault, screen);
    faults = faults || !fault.warning;
  }
  ComponentSet set(std::move(*discovery), ApplicationOf(arguments));
  const LoadProgress progress = [&](const LoadedComponent& component) { Tell(component, screen); };
  set.Load(std::move(loaded->manifests), progress);
  if (arguments.watch) Follow(set, watch, arguments, progress);
  return AllReady(set) && !faults ? kExitDone : kExitFailed;
}

}  // namespace injector::runtime
