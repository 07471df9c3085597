#include "webhook/wait_sockets.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string_view>
#include <thread>

#include "webhook/socket_watch.h"
#include "webhook/wait_report.h"

namespace injector::webhook {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Minutes are not used: the time-out is given, and compared, in seconds.
std::string Text(steady_clock::duration span) {
  const auto tenths = duration_cast<milliseconds>(span).count() / 100;
  const std::string whole = std::to_string(tenths / 10);
  return (tenths % 10 == 0 ? whole : whole + "." + std::to_string(tenths % 10)) + "s";
}

class Wait {
 public:
  Wait(const SocketWait& wait, const WaitPace& pace, std::ostream& out, std::ostream& err)
      : wait_(wait),
        pace_(pace),
        out_(out),
        err_(err),
        watch_(wait.folder, wait.expected, pace.patience, pace.answer_holds),
        told_(wait.expected.size()) {}

  bool Run() {
    Say("waiting up to " + Text(wait_.timeout) + " for sockets in " + wait_.folder + ": " +
        Names());
    const steady_clock::time_point deadline = begin_ + wait_.timeout;
    while (true) {
      watch_.Look();
      TellChanges();
      if (watch_.IsReady()) return Succeed();
      if (steady_clock::now() >= deadline) break;
      TellProgress();
      std::this_thread::sleep_until(std::min(deadline, steady_clock::now() + pace_.pause));
    }
    return watch_.IsReadyWithoutSoft() ? Succeed() : Fail();
  }

 private:
  void Say(const std::string& line) { out_ << line << std::endl; }

  [[nodiscard]] std::string Names() const {
    std::string names;
    for (const ExpectedSocketArgument& expected : wait_.expected) {
      names += (names.empty() ? "" : ", ") + expected.socket + (expected.soft ? " (soft)" : "");
    }
    return names;
  }

  void TellChanges() {
    for (std::size_t i = 0; i < told_.size(); ++i) {
      const WatchedSocket& now = watch_.Expected()[i];
      if (now != told_[i]) Say(DescribeState(wait_.expected[i].socket, now));
      told_[i] = now;
    }
    std::map<std::string, WatchedSocket> dead;
    for (const WatchedSocket& other : watch_.OthersDead()) {
      const auto known = told_others_.find(other.file);
      if (known == told_others_.end() || known->second != other) {
        Say(DescribeState("socket file " + other.file, other) +
            " (not expected; daprd would hang)");
      }
      dead[other.file] = other;
    }
    told_others_ = std::move(dead);
    for (const std::string& file : watch_.NotSockets()) {
      if (told_files_.insert(file).second) Say(DescribeStrayFile(file));
    }
    if (watch_.FolderFault() != told_fault_ && !watch_.FolderFault().empty()) {
      Say("folder " + wait_.folder + " cannot be read: " + watch_.FolderFault());
    }
    told_fault_ = watch_.FolderFault();
  }

  void TellProgress() {
    if (steady_clock::now() < next_report_) return;
    next_report_ += pace_.report_every;
    std::string line = "still waiting after " + Text(steady_clock::now() - begin_) + " of " +
                       Text(wait_.timeout) + ":";
    for (std::size_t i = 0; i < told_.size(); ++i) {
      if (told_[i].state == SocketState::kUp) continue;
      line += " " + DescribeState(wait_.expected[i].socket, told_[i]) + ";";
    }
    for (const auto& [file, other] : told_others_) line += " " + DescribeState(file, other) + ";";
    Say(line + " " + std::to_string(watch_.Up()) + " of " + std::to_string(told_.size()) + " up");
  }

  bool Succeed() {
    for (std::size_t i = 0; i < told_.size(); ++i) {
      if (told_[i].state != SocketState::kUp) {
        Say("going on without " + wait_.expected[i].socket + ": absent, and its Component says " +
            "ignoreErrors");
      }
    }
    Say(std::to_string(watch_.Up()) + " of " + std::to_string(told_.size()) + " sockets up after " +
        Text(steady_clock::now() - begin_));
    return true;
  }

  // What is said last is what `kubectl describe pod` shows.
  bool Fail() {
    err_ << "not all sockets are up after " << Text(wait_.timeout) << '\n';
    if (!watch_.FolderFault().empty()) {
      err_ << "folder " << wait_.folder << " cannot be read: " << watch_.FolderFault() << '\n';
    }
    for (std::size_t i = 0; i < told_.size(); ++i) {
      const ExpectedSocketArgument& expected = wait_.expected[i];
      const WatchedSocket& now = told_[i];
      const bool forgiven = expected.soft && now.state == SocketState::kAbsent;
      if (now.state != SocketState::kUp && !forgiven) {
        err_ << ExplainMissing(expected, now, wait_.folder) << '\n';
      }
    }
    for (const WatchedSocket& other : watch_.OthersDead()) {
      err_ << ExplainDead(other, wait_.folder) << '\n';
    }
    err_ << std::flush;
    return false;
  }

  const SocketWait& wait_;
  const WaitPace& pace_;
  std::ostream& out_;
  std::ostream& err_;
  const steady_clock::time_point begin_ = steady_clock::now();
  steady_clock::time_point next_report_ = begin_ + pace_.report_every;
  SocketWatch watch_;
  std::vector<WatchedSocket> told_;
  std::map<std::string, WatchedSocket> told_others_;
  std::set<std::string> told_files_;
  std::string told_fault_;
};

}  // namespace

bool WaitForSockets(const SocketWait& wait, const WaitPace& pace, std::ostream& out,
                    std::ostream& err) {
  return Wait(wait, pace, out, err).Run();
}

}  // namespace injector::webhook
