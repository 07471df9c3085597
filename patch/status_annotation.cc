#include "patch/status_annotation.h"

#include <algorithm>

#include "patch/json_writer.h"

namespace injector::patch {
namespace {

bool IsSkipped(Reason reason) {
  const bool of_component = KindOfSubject(reason) == SubjectKind::kComponent;
  const bool as_asked =
      reason == Reason::kComponentInjected || reason == Reason::kComponentNotAskedFor ||
      reason == Reason::kComponentNoContainer || reason == Reason::kComponentOutOfScope;
  return of_component && Describe(reason).verdict && !as_asked;
}

std::string InjectedEntry(const ChosenComponent& chosen) {
  std::string text;
  text.reserve(128);
  JsonWriter json(text);
  json.BeginObject()
      .Member("component", chosen.component->name)
      .Member("container", chosen.container_name);
  if (!chosen.component->resource_version.empty()) {
    json.Member("resourceVersion", chosen.component->resource_version);
  }
  json.EndObject();
  return text;
}

std::string SkippedEntry(const Decision& decision) {
  std::string text;
  JsonWriter(text)
      .BeginObject()
      .Member("component", decision.subject)
      .Member("reason", Describe(decision.reason).id)
      .EndObject();
  return text;
}

// Collects entries as long as they fit; once one does not, nothing more is taken.
class Room {
 public:
  explicit Room(std::size_t bytes) : left_(bytes) {}

  void Add(std::string& list, const std::string& entry) {
    const std::size_t needed = entry.size() + (list.empty() ? 0 : 1);
    full_ = full_ || needed > left_;
    if (full_) return;
    if (!list.empty()) list += ',';
    list += entry;
    left_ -= needed;
  }
  [[nodiscard]] bool IsFull() const { return full_; }

 private:
  std::size_t left_;
  bool full_ = false;
};

std::string Assemble(const std::string& injected, const std::string& skipped,
                     std::ptrdiff_t out_of_scope, bool truncated) {
  std::string text;
  text.reserve(injected.size() + skipped.size() + 64);
  JsonWriter json(text);
  json.BeginObject();
  json.Key("injected").BeginArray().Raw(injected).EndArray();
  json.Key("skipped").BeginArray().Raw(skipped).EndArray();
  json.Member("outOfScope", out_of_scope);
  if (truncated) json.Member("truncated", true);
  json.EndObject();
  return text;
}

}  // namespace

std::string BuildStatus(const Selection& selection, const Decisions& decisions,
                        std::size_t budget) {
  const auto out_of_scope = std::count_if(
      decisions.begin(), decisions.end(),
      [](const Decision& decision) { return decision.reason == Reason::kComponentOutOfScope; });
  const std::size_t frame = Assemble("", "", out_of_scope, /*truncated=*/true).size();
  if (budget < frame) return {};
  Room room(budget - frame);
  std::string injected;
  for (const ChosenComponent& chosen : selection.chosen) room.Add(injected, InjectedEntry(chosen));
  std::string skipped;
  for (const Decision& decision : decisions) {
    if (IsSkipped(decision.reason)) room.Add(skipped, SkippedEntry(decision));
  }
  return Assemble(injected, skipped, out_of_scope, room.IsFull());
}

std::string BuildStatus(Reason reason) {
  std::string text;
  JsonWriter(text).BeginObject().Member("reason", Describe(reason).id).EndObject();
  return text;
}

std::size_t StatusBudget(const PodMetadata& metadata) {
  std::size_t used = kStatusKey.size();
  for (const Annotation& annotation : metadata.annotations) {
    if (annotation.key != kStatusKey) used += annotation.key.size() + annotation.value.size();
  }
  if (used >= kMaxAnnotationBytes) return 0;
  return std::min(kMaxStatusBytes, kMaxAnnotationBytes - used);
}

}  // namespace injector::patch
