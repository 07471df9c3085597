#include "patch/expected_sockets.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>

namespace injector::patch {
namespace {

constexpr std::array<std::string_view, 4> kPluggableKinds = {"pubsub", "state", "bindings",
                                                             "secretstores"};

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool IsPluggableVersion(std::string_view version) {
  return version.empty() || version == "v0" || version == "v1";
}

class Expectation {
 public:
  Expectation(const Selection& selection, bool waits, Decisions& decisions)
      : selection_(selection), waits_(waits), decisions_(decisions) {}

  // Chosen and merged Components are each sorted by name; the result follows both together.
  std::vector<ExpectedSocket> Run() && {
    auto merged = selection_.merged.begin();
    for (const ChosenComponent& chosen : selection_.chosen) {
      for (; merged != selection_.merged.end() && merged->component->name < chosen.component->name;
           ++merged) {
        ConsiderMerged(*merged);
      }
      Consider(*chosen.component, chosen, "");
    }
    for (; merged != selection_.merged.end(); ++merged) ConsiderMerged(*merged);
    return std::move(expected_);
  }

 private:
  void ConsiderMerged(const MergedComponent& merged) {
    const ChosenComponent& holder = selection_.chosen[merged.holder];
    const std::string note = merged.differs ? "the env and args of " + merged.component->name +
                                                  " were dropped, since " + holder.component->name +
                                                  " has the same image"
                                            : "";
    Consider(*merged.component, holder, note);
  }

  void Consider(const Component& component, const ChosenComponent& holder,
                const std::string& note) {
    const std::string socket = SocketNameOf(component);
    if (socket.empty()) {
      decisions_.push_back({Reason::kComponentNotPluggableType, component.name,
                            "spec.type \"" + component.type + "\" with version \"" +
                                component.version + "\" is none that daprd finds on a socket"});
      return;
    }
    if (!waits_ || !holder.socket_shared) return;
    const bool beside = component.placement_container || holder.component->placement_container;
    if (beside && &component == holder.component) return;  // the selection has said so
    if (beside || !component.wait || !holder.component->wait) {
      decisions_.push_back(
          {Reason::kComponentNotAwaited, component.name, "nobody waits for its socket"});
      return;
    }
    if (component.ignore_errors) {
      decisions_.push_back({Reason::kComponentAwaitedSoftly, component.name,
                            "the pod starts without it when its socket does not come in time"});
    }
    Add(socket, component, holder.component->container.image, note);
  }

  void Add(const std::string& socket, const Component& component, std::string_view image,
           const std::string& note) {
    const auto [entry, is_new] = by_socket_.emplace(socket, expected_.size());
    if (is_new) {
      expected_.push_back({socket, {component.name}, image, component.ignore_errors, note});
      return;
    }
    ExpectedSocket& held = expected_[entry->second];
    held.components.push_back(component.name);
    held.soft = held.soft && component.ignore_errors;
    if (held.note.empty()) held.note = note;
  }

  const Selection& selection_;
  const bool waits_;
  Decisions& decisions_;
  std::vector<ExpectedSocket> expected_;
  std::unordered_map<std::string, std::size_t> by_socket_;  // indices into expected_
};

}  // namespace

std::string SocketNameOf(const Component& component) {
  const std::string_view type = component.type;
  const std::size_t dot = type.find('.');
  if (dot == std::string_view::npos || !IsPluggableVersion(component.version)) return {};
  const std::string_view kind = type.substr(0, dot);
  if (std::find(kPluggableKinds.begin(), kPluggableKinds.end(), kind) == kPluggableKinds.end()) {
    return {};
  }
  std::string socket(type.substr(dot + 1));
  if (socket.find('/') != std::string::npos) return {};
  std::transform(socket.begin(), socket.end(), socket.begin(), Lower);
  return socket;
}

std::vector<ExpectedSocket> ExpectSockets(const Selection& selection, bool waits,
                                          Decisions& decisions) {
  return Expectation(selection, waits, decisions).Run();
}

}  // namespace injector::patch
