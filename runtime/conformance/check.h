#pragma once

// What a conformance suite is made of: checks, each with one question and one answer.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "runtime/instance.h"
#include "runtime/socket_report.h"

namespace injector::runtime {

enum class Outcome {
  kPass,
  kFail,         // daprd, or an application through it, is hurt by it
  kUnsupported,  // the protocol leaves it open, and the component does without
  kNotRun,       // something it needs was not given, or an earlier check failed
};

struct Finding {
  Outcome outcome = Outcome::kPass;
  std::string detail;  // what was seen, when it is no pass
};

[[nodiscard]] inline Finding Pass() {
  return {};
}
[[nodiscard]] inline Finding Broken(std::string detail) {
  return {Outcome::kFail, std::move(detail)};
}
[[nodiscard]] inline Finding Absent(std::string detail) {
  return {Outcome::kUnsupported, std::move(detail)};
}
// A call failed that should not have.
[[nodiscard]] inline Finding Broken(const std::string& call, const Error& error) {
  return Broken(call + " answered: " + error.message);
}

struct ConformanceOptions {
  InstanceSpec target;  // its name is a prefix: each run takes instances of its own
  SocketReport socket;  // as discovery saw it
  std::chrono::milliseconds patience{5000};  // for what must happen
  std::chrono::milliseconds quiet{400};      // for what must not
  std::string run;                           // a random text, part of every key, topic and instance
  Properties secret_metadata;                // of calls to a secret store
  std::string data = "conformance";          // what an output binding is invoked with
};

struct Check {
  std::string id;    // "state/missing-key"
  std::string text;  // what must hold, in a sentence
  std::function<Finding(const ConformanceOptions&)> run;
};

// The checks of each kind, in the order in which they make sense.
[[nodiscard]] std::vector<Check>
DaprdChecks();  // every kind: what daprd needs to find and start it
[[nodiscard]] std::vector<Check> StateChecks();
[[nodiscard]] std::vector<Check> PubSubChecks();
[[nodiscard]] std::vector<Check> InputChecks();
[[nodiscard]] std::vector<Check> OutputChecks();
[[nodiscard]] std::vector<Check> SecretChecks();

struct CheckResult {
  std::string id;
  std::string text;
  Finding finding;
  std::chrono::milliseconds took{0};
};

// DaprdChecks, then those of the kind; when one of the first fails at Init, the rest is not run.
// `progress` is told before each check and may be empty.
// Blocks: every call in it has a deadline.
[[nodiscard]] std::vector<CheckResult> RunConformance(
    Kind kind, const ConformanceOptions& options,
    const std::function<void(const Check&)>& progress);

// The target as the instance `suffix` of this run.
[[nodiscard]] InstanceSpec InstanceOf(const ConformanceOptions& options, const std::string& suffix);

}  // namespace injector::runtime
