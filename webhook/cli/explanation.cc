#include "webhook/cli/explanation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "webhook/manifest_objects.h"

namespace injector::webhook {
namespace {

using Json = nlohmann::ordered_json;
using patch::Printable;
using patch::Severity;

constexpr std::string_view kIndent = "  ";
constexpr std::string_view kGap = "  ";
constexpr std::size_t kMaxSubjectWidth = 48;

std::string_view WordFor(patch::SubjectKind kind) {
  switch (kind) {
    case patch::SubjectKind::kPod:
      return "pod";
    case patch::SubjectKind::kContainer:
      return "container";
    case patch::SubjectKind::kComponent:
      return "component";
  }
  return "pod";
}

// ANSI colours: green, yellow, red, bold red.
std::string_view ColourOf(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "\x1B[32m";
    case Severity::kWarning:
      return "\x1B[33m";
    case Severity::kNotGiven:
      return "\x1B[31m";
    case Severity::kDenied:
      return "\x1B[1;31m";
  }
  return "";
}

std::string SubjectOf(const patch::Decision& decision) {
  return Printable(Title(WordFor(patch::KindOfSubject(decision.reason)), decision.subject));
}

class Table {
 public:
  explicit Table(bool colour) : colour_(colour) {}

  void Add(const Explanation& pod) {
    if (!text_.empty()) text_ += '\n';
    Paint("\x1B[1m", TitleOf(pod));
    text_ += '\n';
    std::size_t subject_width = 0;
    std::size_t reason_width = 0;
    for (const patch::Decision& decision : pod.decisions) {
      subject_width = std::max(subject_width, SubjectOf(decision).size());
      reason_width = std::max(reason_width, patch::Describe(decision.reason).id.size());
    }
    subject_width = std::min(subject_width, kMaxSubjectWidth);
    for (const patch::Decision& decision : pod.decisions) {
      AddLine(decision, subject_width, reason_width);
    }
  }

  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  static std::string TitleOf(const Explanation& pod) {
    std::string title = pod.file + ":" + std::to_string(pod.line) + ": " +
                        Title(pod.kind, pod.name) + ", namespace " + pod.namespace_name;
    if (!pod.app_id.empty()) title += ", app id " + pod.app_id;
    return Printable(title);
  }

  void AddLine(const patch::Decision& decision, std::size_t subject_width,
               std::size_t reason_width) {
    const patch::ReasonInfo& info = patch::Describe(decision.reason);
    const std::string subject = SubjectOf(decision);
    text_.append(kIndent).append(subject).append(Padding(subject.size(), subject_width));
    text_ += kGap;
    Paint(ColourOf(info.severity), info.id);
    text_.append(Padding(info.id.size(), reason_width)).append(kGap);
    text_.append(Printable(decision.text)).append("\n");
    if (info.severity == Severity::kNote || info.advice.empty()) return;
    const std::size_t column =
        kIndent.size() + subject_width + kGap.size() + reason_width + kGap.size();
    text_.append(column, ' ').append("-> ").append(info.advice).append("\n");
  }

  static std::string Padding(std::size_t used, std::size_t width) {
    return std::string(used < width ? width - used : 0, ' ');
  }

  void Paint(std::string_view colour, std::string_view text) {
    if (!colour_) {
      text_ += text;
      return;
    }
    text_.append(colour).append(text).append("\x1B[0m");
  }

  bool colour_;
  std::string text_;
};

Json DecisionToJson(const patch::Decision& decision) {
  const patch::ReasonInfo& info = patch::Describe(decision.reason);
  Json json = Json::object();
  json["subject"] = WordFor(patch::KindOfSubject(decision.reason));
  if (!decision.subject.empty()) json["name"] = decision.subject;
  json["reason"] = info.id;
  json["severity"] = patch::Describe(info.severity);
  json["text"] = decision.text;
  if (!info.advice.empty()) json["advice"] = info.advice;
  return json;
}

Json PodToJson(const Explanation& pod) {
  Json json = Json::object();
  json["file"] = pod.file;
  json["line"] = pod.line;
  json["kind"] = pod.kind;
  json["namespace"] = pod.namespace_name;
  json["name"] = pod.name;
  json["appId"] = pod.app_id;
  json["allowed"] = pod.allowed;
  json["decisions"] = Json::array();
  for (const patch::Decision& decision : pod.decisions) {
    json["decisions"].push_back(DecisionToJson(decision));
  }
  return json;
}

}  // namespace

std::string WriteTable(const std::vector<Explanation>& pods, bool colour) {
  Table table(colour);
  for (const Explanation& pod : pods) table.Add(pod);
  return table.Take();
}

std::string WriteJson(const std::vector<Explanation>& pods) {
  Json json = Json::object();
  json["pods"] = Json::array();
  for (const Explanation& pod : pods) json["pods"].push_back(PodToJson(pod));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace injector::webhook
