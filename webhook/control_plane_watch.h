#pragma once

// What a cluster tells of its control plane besides Components: mTLS by the Configuration
// daprsystem (every 30 s), the server's version (every hour), whether Dapr's own injector is there
// too (every hour; every 30 s while it is), and, once, the user ids of the service accounts that
// may have sidecars.

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "k8s/client.h"
#include "webhook/allowed_uids.h"
#include "webhook/caller_policy.h"
#include "webhook/log.h"
#include "webhook/surroundings.h"

namespace injector::webhook {

struct ControlPlaneOptions {
  std::string namespace_name;              // of the Configuration
  bool asks_version = true;                // false: somebody said it
  bool seeks_dapr_injector = false;        // one beside this program would answer pods too
  std::vector<AccountName> accounts = {};  // whose user ids are looked up
  std::chrono::milliseconds interval{30'000};
  std::chrono::milliseconds version_interval{3'600'000};
  std::chrono::milliseconds retry{5'000};      // after an answer that did not come
  std::chrono::milliseconds patience{30'000};  // until it is not waited for any longer
};

struct ControlPlaneReport {
  LogLevel level = LogLevel::kInfo;
  std::string message;
  // What is to be said of Dapr's own injector until the next such sentence; "": nothing. Without
  // one that stays as it is.
  std::optional<std::string> note = std::nullopt;
};

// Not thread-safe: everything is called from the thread that runs it.
class ControlPlaneWatch {
 public:
  using Listener = std::function<void(const ControlPlaneReport& report)>;

  // All of it outlives the watch. `listener` is told of each change.
  ControlPlaneWatch(k8s::Client& client, ControlPlaneOptions options,
                    FileSurroundings& surroundings, AllowedUids& uids, Listener listener);

  // Asks everything that is due at `now`. A missing Configuration or value is mTLS on, as in Dapr;
  // when no answer comes, the last one stays.
  // Out: when to ask again.
  // Blocks: on the network, up to 10 s a call.
  std::chrono::steady_clock::time_point AskAt(std::chrono::steady_clock::time_point now);

  // The server has answered on mTLS and version, be it with a refusal, or has had time enough: what
  // is assumed without an answer serves better than nobody.
  [[nodiscard]] bool IsAnswered() const { return mtls_answered_ && version_answered_; }

  // Asks whenever something is due; calls `answered` once, as soon as IsAnswered.
  // Blocks: until stop.
  void Run(std::function<void()> answered, const std::stop_token& stop);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  // What came of asking.
  enum class Outcome {
    kKnown,    // the answer
    kRefused,  // an answer that says nothing: not there, not allowed, not understood
    kNoAnswer,
  };

  // When to ask again after an outcome.
  [[nodiscard]] std::chrono::milliseconds Pause(Outcome outcome,
                                                std::chrono::milliseconds when_known) const;
  [[nodiscard]] Outcome AskMtls();
  [[nodiscard]] Outcome AskVersion();
  // Out: whether every account has been answered.
  [[nodiscard]] bool AskAccounts();
  // Out: when to ask again, from now.
  [[nodiscard]] std::chrono::milliseconds AskDaprInjector();
  [[nodiscard]] Outcome Complain(const std::string& path, const k8s::ApiError& error);
  // What to do about an error of the Configuration.
  [[nodiscard]] std::string AdviceOn(const k8s::ApiError& error) const;
  void SetMtls(bool enabled, const std::string& why);

  k8s::Client& client_;
  const ControlPlaneOptions options_;
  FileSurroundings& surroundings_;
  AllowedUids& uids_;
  const Listener listener_;

  TimePoint mtls_due_ = TimePoint::min();
  TimePoint version_due_ = TimePoint::min();
  TimePoint accounts_due_ = TimePoint::min();
  TimePoint dapr_injector_due_ = TimePoint::min();
  std::optional<TimePoint> began_;
  bool mtls_answered_ = false;
  bool version_answered_ = false;
  std::optional<bool> mtls_;
  std::optional<int> minor_;
  bool dapr_injector_ = false;                 // it was there
  std::vector<AccountName> unknown_accounts_;  // not answered yet
  std::set<std::string, std::less<>> found_uids_;
  std::map<std::string, k8s::ApiErrorKind> told_;  // by path: the last fault
};

}  // namespace injector::webhook
