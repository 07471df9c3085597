#include "runtime/probe/run_command.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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
    case ComponentState::kLost:
      return "lost";
    case ComponentState::kClosed:
      return "closed";
    case ComponentState::kInvalid:
      break;
  }
  return "invalid";
}

Tint TintOf(ComponentState state) {
  switch (state) {
    case ComponentState::kReady:
      return Tint::kGood;
    case ComponentState::kFailed:
    case ComponentState::kInvalid:
    case ComponentState::kLost:
      return Tint::kBad;
    default:
      return Tint::kDoubtful;
  }
}

// What daprd would do where this goes on.
std::string DaprdOf(const LoadedComponent& component) {
  switch (component.state) {
    case ComponentState::kFailed:
      return component.manifest.ignore_errors ? "daprd goes on: ignoreErrors" : "daprd would exit";
    case ComponentState::kParked:
      return "daprd would wait for it in silence";
    case ComponentState::kLost:
      return "daprd's calls would fail, and Init would not be repeated";
    default:
      return "";
  }
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
    value["occasion"] = component.occasion;
    value["message"] = component.message;
    value["warnings"] = component.warnings;
    value["daprd"] = daprd;
    return screen.Line(value);
  }
  screen.out << screen.Tinted(WordOf(component.state), TintOf(component.state)) << "  "
             << manifest.name << " (" << manifest.type
             << (manifest.version.empty() ? "" : "/" + manifest.version) << ") " << manifest.Place()
             << ": " << (component.occasion.empty() ? "" : component.occasion + ": ")
             << component.message << (daprd.empty() ? "" : "; " + daprd) << '\n';
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

void SayNothingFound(const Arguments& arguments, const Screen& screen) {
  screen.Progress("");
  screen.err << "component-probe: there is no Component in "
             << (arguments.from_cluster ? "the cluster's namespace" : arguments.resources.front())
             << "; daprd would start without any\n";
}

// What is loaded, and what changes under it.
class Running {
 public:
  // In: `sockets` watched their folder since before `discovery` looked into it.
  Running(const Arguments& arguments, const Screen& screen, FolderWatch& sockets,
          const Discovery& discovery)
      : arguments_(arguments),
        screen_(screen),
        sockets_(sockets),
        discovery_(discovery),
        set_(discovery, ApplicationOf(arguments)) {
    for (const std::string& folder : arguments.resources)
      resources_.push_back(std::make_unique<FolderWatch>(folder));
  }

  void Take(ManifestSet loaded) {
    screen_.Progress("");
    for (const ManifestFault& fault : loaded.faults)
      if (std::find(faults_.begin(), faults_.end(), fault) == faults_.end()) Tell(fault, screen_);
    faults_ = std::move(loaded.faults);
    set_.Load(std::move(loaded.manifests), progress_);
  }

  // Until a signal.
  void Follow() {
    while (stop_asked == 0) {
      if (sockets_.Wait(kLook) || set_.AnyHungUp()) FollowSockets();
      if (ManifestsChanged()) FollowManifests();
    }
  }

  [[nodiscard]] bool AllGood() const {
    const auto& all = set_.components();
    return std::all_of(all.begin(), all.end(), IsGood) &&
           std::all_of(faults_.begin(), faults_.end(),
                       [](const ManifestFault& fault) { return fault.warning; });
  }

 private:
  static constexpr std::chrono::milliseconds kLook{200};  // at manifests, at signals
  static constexpr std::chrono::milliseconds kGlance{20};
  static constexpr std::chrono::seconds kClusterLook{5};

  static bool IsGood(const std::unique_ptr<LoadedComponent>& component) {
    return component->state == ComponentState::kReady ||
           component->state == ComponentState::kSkipped ||
           (component->state == ComponentState::kFailed && component->manifest.ignore_errors);
  }

  void FollowSockets() {
    auto found = Discover(arguments_.folder, arguments_.probe, &discovery_);
    if (!found) return TellOnce(found.error());
    discovery_ = *found;
    set_.Retry(*std::move(found), progress_);
  }

  bool ManifestsChanged() {
    bool changed = false;
    for (const auto& watch : resources_) changed = watch->Wait(kGlance) || changed;
    if (!arguments_.from_cluster || std::chrono::steady_clock::now() < next_list_) return changed;
    next_list_ = std::chrono::steady_clock::now() + kClusterLook;
    return true;
  }

  // What is loaded stays when the manifests cannot be read.
  void FollowManifests() {
    auto loaded = LoadFor(arguments_);
    if (!loaded) return TellOnce(loaded.error());
    told_.clear();
    Take(*std::move(loaded));
  }

  void TellOnce(const Error& error) {
    if (error.message != told_) (void)SayError(error, screen_);
    told_ = error.message;
  }

  const Arguments& arguments_;
  const Screen& screen_;
  FolderWatch& sockets_;
  Discovery discovery_;
  ComponentSet set_;
  std::vector<std::unique_ptr<FolderWatch>> resources_;
  std::vector<ManifestFault> faults_;
  std::string told_;  // the last error
  std::chrono::steady_clock::time_point next_list_ =
      std::chrono::steady_clock::now() + kClusterLook;
  const LoadProgress progress_ = [this](const LoadedComponent& component) {
    Tell(component, screen_);
  };
};

}  // namespace

int RunRun(const Arguments& arguments, const Screen& screen) {
  (void)std::signal(SIGINT, AskToStop);
  (void)std::signal(SIGTERM, AskToStop);
  FolderWatch sockets(arguments.folder);
  screen.Progress("asking the sockets in " + arguments.folder);
  const auto discovery = Discover(arguments.folder, arguments.probe);
  if (!discovery) return SayError(discovery.error(), screen);
  Running running(arguments, screen, sockets, *discovery);
  auto loaded = LoadFor(arguments);
  if (!loaded) return SayError(loaded.error(), screen);
  if (loaded->manifests.empty() && loaded->faults.empty()) SayNothingFound(arguments, screen);
  running.Take(*std::move(loaded));
  if (arguments.watch) running.Follow();
  return running.AllGood() ? kExitDone : kExitFailed;
}

}  // namespace injector::runtime
