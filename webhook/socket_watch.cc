#include "webhook/socket_watch.h"

#include <algorithm>
#include <utility>

namespace injector::webhook {
namespace {

using std::chrono::steady_clock;

bool IsUp(const ProbeResult& result) {
  return result.state == SocketState::kUp;
}

}  // namespace

SocketWatch::SocketWatch(std::string folder, const std::vector<ExpectedSocketArgument>& expected,
                         std::chrono::milliseconds patience, std::chrono::milliseconds answer_holds)
    : folder_(std::move(folder)),
      expected_(expected),
      patience_(patience),
      answer_holds_(answer_holds),
      states_(expected.size()) {}

void SocketWatch::Look() {
  ++look_;
  List();
  Probe(MissingFiles());
  Judge();
  if (!OnlySoftAbsentMissing()) return;
  Probe(OtherFilesToProbe());
  Judge();
}

bool SocketWatch::IsReadyWithoutSoft() const {
  return listed_.fault.empty() && OnlySoftAbsentMissing() &&
         std::all_of(seen_.begin(), seen_.end(), [&](const auto& entry) {
           return IsUp(entry.second.result) && IsFresh(entry.second);
         });
}

std::vector<WatchedSocket> SocketWatch::OthersDead() const {
  std::vector<WatchedSocket> dead;
  for (const auto& [file, seen] : seen_) {
    const bool shown = std::any_of(states_.begin(), states_.end(),
                                   [&file = file](const auto& s) { return s.file == file; });
    if (seen.look != 0 && !IsUp(seen.result) && !shown) {
      dead.push_back({seen.result.state, file, seen.result.detail});
    }
  }
  return dead;
}

// A file that vanished or was replaced is forgotten, whatever it answered.
void SocketWatch::List() {
  listed_ = ListSockets(folder_);
  std::map<std::string, Seen> still;
  for (const SocketFile& socket : listed_.sockets) {
    const auto known = seen_.find(socket.name);
    if (known != seen_.end() && known->second.identity == socket.identity) {
      still.insert(*known);
    } else {
      still[socket.name].identity = socket.identity;
    }
  }
  seen_ = std::move(still);
}

void SocketWatch::Probe(const std::vector<std::string>& files) {
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const std::string& file : files) paths.push_back(folder_ + "/" + file);
  std::vector<ProbeResult> results = ProbeSockets(paths, patience_);
  for (std::size_t i = 0; i < files.size(); ++i) {
    Seen& seen = seen_[files[i]];
    seen.look = look_;
    seen.result = std::move(results[i]);
    seen.at = steady_clock::now();
    if (seen.result.state == SocketState::kAbsent) seen_.erase(files[i]);
  }
}

std::vector<std::string> SocketWatch::MissingFiles() const {
  std::vector<std::string> files;
  for (const auto& [file, seen] : seen_) {
    if (IsUp(seen.result)) continue;
    const bool expected =
        std::any_of(expected_.begin(), expected_.end(),
                    [&file = file](const auto& e) { return IsSocketCalled(file, e.socket); });
    if (expected) files.push_back(file);
  }
  return files;
}

std::vector<std::string> SocketWatch::OtherFilesToProbe() const {
  std::vector<std::string> files;
  for (const auto& [file, seen] : seen_) {
    if (seen.look == look_) continue;
    if (!IsUp(seen.result) || !IsFresh(seen)) files.push_back(file);
  }
  return files;
}

bool SocketWatch::IsFresh(const Seen& seen) const {
  return seen.look != 0 && steady_clock::now() - seen.at < answer_holds_;
}

bool SocketWatch::OnlySoftAbsentMissing() const {
  for (std::size_t i = 0; i < expected_.size(); ++i) {
    const bool forgiven = expected_[i].soft && states_[i].state == SocketState::kAbsent;
    if (states_[i].state != SocketState::kUp && !forgiven) return false;
  }
  return true;
}

// Of several files of the name, one that is up counts, else the first.
WatchedSocket SocketWatch::StateOf(const ExpectedSocketArgument& expected) const {
  WatchedSocket best;
  for (const auto& [file, seen] : seen_) {
    if (seen.look == 0 || !IsSocketCalled(file, expected.socket)) continue;
    if (IsUp(seen.result)) return {SocketState::kUp, file, ""};
    if (best.file.empty()) best = {seen.result.state, file, seen.result.detail};
  }
  return best;
}

void SocketWatch::Judge() {
  up_ = 0;
  for (std::size_t i = 0; i < expected_.size(); ++i) {
    states_[i] = StateOf(expected_[i]);
    if (states_[i].state == SocketState::kUp) ++up_;
  }
}

}  // namespace injector::webhook
