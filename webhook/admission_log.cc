#include "webhook/admission_log.h"

#include <algorithm>

#include "patch/decision.h"

namespace injector::webhook {
namespace {

using patch::Admission;
using patch::Decision;
using patch::Reason;
using patch::Severity;

// Kubernetes' names are shorter than this; a hostile review is cut.
constexpr std::size_t kLongestField = 256;
constexpr std::size_t kLongestSentence = 1024;
// Decisions beyond these are counted: the metrics have them all.
constexpr std::size_t kMostRemarks = 20;

std::string_view Field(std::string_view text) {
  return text.substr(0, kLongestField);
}

// Pods of a controller have no name yet.
std::string_view NameOf(const Review& review) {
  if (!review.name.empty()) return review.name;
  const patch::JsonValue metadata = review.object.Find("metadata");
  const std::string_view name = metadata.Find("name").String();
  return name.empty() ? metadata.Find("generateName").String() : name;
}

std::string DescribeReview(const Review& review) {
  std::string line;
  const auto add = [&line](std::string_view key, std::string_view value) {
    if (!line.empty()) line += ' ';
    line.append(key).append(Field(value));
  };
  add("admission review: kind=", review.kind);
  add("namespace=", review.namespace_name);
  add("name=", NameOf(review));
  add("uid=", review.uid);
  add("operation=", review.operation);
  add("user=", review.caller.username);
  return line;
}

LogLevel LevelOfVerdict(const Admission& admission) {
  switch (admission.Verdict()) {
    case Reason::kPodInjected:
    case Reason::kPodAlreadyInjected:
      return LogLevel::kInfo;
    case Reason::kPodEnabledSpelling:
      return LogLevel::kWarning;
    case Reason::kPodNotEnabled:
    case Reason::kPodNotACreate:
      return LogLevel::kDebug;
    default:
      return LogLevel::kError;
  }
}

void LogDecision(Log& log, LogLevel level, const Admission& admission, const Decision& decision) {
  if (!log.Writes(level)) return;
  std::string line;
  if (!admission.app_id.empty()) {
    line.append("app id ").append(Field(admission.app_id)).append(": ");
  }
  line.append(SentenceOf(decision).substr(0, kLongestSentence));
  line.append(" [").append(Describe(decision.reason).id).append("]");
  log.Write(level, kInjectorScope, line);
}

}  // namespace

void LogAdmission(Log& log, const Review& review, const Admission& admission) {
  const LogLevel verdict_level = LevelOfVerdict(admission);
  const LogLevel review_level =
      verdict_level == LogLevel::kDebug ? LogLevel::kDebug : LogLevel::kInfo;
  if (log.Writes(review_level)) log.Write(review_level, kServiceScope, DescribeReview(review));
  LogDecision(log, verdict_level, admission, admission.decisions.front());
  std::size_t warned = 0;
  for (auto it = admission.decisions.begin() + 1; it != admission.decisions.end(); ++it) {
    const bool warning = Describe(it->reason).severity >= Severity::kWarning;
    if (warning && ++warned > kMostRemarks) continue;
    LogDecision(log, warning ? LogLevel::kWarning : LogLevel::kDebug, admission, *it);
  }
  if (warned > kMostRemarks && log.Writes(LogLevel::kWarning)) {
    log.Write(LogLevel::kWarning, kInjectorScope,
              "and " + std::to_string(warned - kMostRemarks) + " warnings more on that pod");
  }
}

void LogComponent(Log& log, const Review& review, const Decision& decision, bool denied) {
  if (!log.Writes(LogLevel::kWarning)) return;
  std::string line = denied ? "denied: " : "written: ";
  line.append(SentenceOf(decision).substr(0, kLongestSentence));
  line.append(" [").append(Describe(decision.reason).id).append("]; ");
  log.Write(LogLevel::kWarning, kServiceScope, line + DescribeReview(review));
}

std::string DescribeException(const Review* review, std::string_view what) {
  std::string line = "exception while answering a request: ";
  line.append(what.substr(0, kLongestSentence));
  if (review != nullptr) line.append("; ").append(DescribeReview(*review));
  return line;
}

}  // namespace injector::webhook
