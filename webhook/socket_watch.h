#pragma once

// What is known of a socket folder by now: each socket file's state, and each expected socket's.
// Call Look() again and again; it probes what may have changed.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "webhook/expected_argument.h"
#include "webhook/socket_folder.h"
#include "webhook/socket_probe.h"

namespace injector::webhook {

// The state of an expected socket, or of a socket file nobody expects.
struct WatchedSocket {
  SocketState state = SocketState::kAbsent;
  std::string file;    // "" while absent
  std::string detail;  // see ProbeResult

  friend bool operator==(const WatchedSocket&, const WatchedSocket&) = default;
};

// One thread.
class SocketWatch {
 public:
  // `expected` must outlive the watch. An answer of a socket holds for `answer_holds`.
  SocketWatch(std::string folder, const std::vector<ExpectedSocketArgument>& expected,
              std::chrono::milliseconds patience, std::chrono::milliseconds answer_holds);

  // Lists the folder and probes, side by side, the expected sockets that are not up; when none of
  // these is missing but soft ones that are absent, also every other socket file, and those whose
  // answer is old.
  void Look();

  // Whether every socket file answered lately and only absent soft sockets may be missing.
  [[nodiscard]] bool IsReadyWithoutSoft() const;
  // The same, with the soft ones.
  [[nodiscard]] bool IsReady() const { return IsReadyWithoutSoft() && up_ == expected_.size(); }

  // In the order of `expected`.
  [[nodiscard]] const std::vector<WatchedSocket>& Expected() const { return states_; }
  // Socket files that no expected one is served by and that do not answer, by name.
  [[nodiscard]] std::vector<WatchedSocket> OthersDead() const;
  [[nodiscard]] std::size_t Up() const { return up_; }
  [[nodiscard]] const std::string& FolderFault() const { return listed_.fault; }
  [[nodiscard]] const std::vector<std::string>& NotSockets() const { return listed_.not_sockets; }

 private:
  struct Seen {
    FileIdentity identity;
    std::size_t look = 0;  // the last one that probed it; 0: none did
    ProbeResult result;
    std::chrono::steady_clock::time_point at;
  };

  void List();
  void Probe(const std::vector<std::string>& files);
  [[nodiscard]] std::vector<std::string> MissingFiles() const;
  [[nodiscard]] std::vector<std::string> OtherFilesToProbe() const;
  [[nodiscard]] bool IsFresh(const Seen& seen) const;
  [[nodiscard]] bool OnlySoftAbsentMissing() const;
  [[nodiscard]] WatchedSocket StateOf(const ExpectedSocketArgument& expected) const;
  void Judge();

  std::string folder_;
  const std::vector<ExpectedSocketArgument>& expected_;
  std::chrono::milliseconds patience_;
  std::chrono::milliseconds answer_holds_;
  SocketFolder listed_;
  std::map<std::string, Seen> seen_;  // by file name
  std::vector<WatchedSocket> states_;
  std::size_t up_ = 0;
  std::size_t look_ = 0;
};

}  // namespace injector::webhook
