#include <algorithm>
#include <utility>

#include "runtime/conformance/check.h"

namespace injector::runtime {
namespace {

std::vector<Check> ChecksOf(Kind kind) {
  switch (kind) {
    case Kind::kPubSub:
      return PubSubChecks();
    case Kind::kState:
      return StateChecks();
    case Kind::kInputBinding:
      return InputChecks();
    case Kind::kOutputBinding:
      return OutputChecks();
    case Kind::kSecretStore:
      break;
  }
  return SecretChecks();
}

CheckResult RunOne(const Check& check, const ConformanceOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  Finding finding = check.run(options);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  return {check.id, check.text, std::move(finding), took};
}

}  // namespace

std::vector<CheckResult> RunConformance(Kind kind, const ConformanceOptions& options,
                                        const std::function<void(const Check&)>& progress) {
  std::vector<CheckResult> results;
  bool starts = true;
  for (const Check& check : DaprdChecks()) {
    if (progress) progress(check);
    results.push_back(RunOne(check, options));
    if (check.id == "daprd/init") starts = results.back().finding.outcome == Outcome::kPass;
  }
  for (const Check& check : ChecksOf(kind)) {
    if (!starts) {
      results.push_back({check.id, check.text, {Outcome::kNotRun, "it could not be initialised"}});
      continue;
    }
    if (progress) progress(check);
    results.push_back(RunOne(check, options));
  }
  return results;
}

InstanceSpec InstanceOf(const ConformanceOptions& options, const std::string& suffix) {
  InstanceSpec spec = options.target;
  spec.name += "-" + options.run + "-" + suffix;
  return spec;
}

}  // namespace injector::runtime
