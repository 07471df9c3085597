#include "patch/decision.h"

#include <algorithm>

namespace injector::patch {
namespace {

constexpr std::size_t kMaxWarnings = 8;
constexpr std::size_t kMaxWarningBytes = 120;

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::string Shortened(std::string text) {
  constexpr std::string_view kMore = "...";
  if (text.size() <= kMaxWarningBytes) return text;
  std::size_t end = kMaxWarningBytes - kMore.size();
  while (end > 0 && IsContinuation(text[end])) --end;
  text.resize(end);
  text += kMore;
  return text;
}

std::string CountOfRest(std::size_t rest) {
  return "and " + std::to_string(rest) + " more; see the injector's log or `explain`";
}

}  // namespace

// Control characters are also the two-byte ones U+0080 to U+009F.
std::string Printable(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsControl(text[i])) text[i] = ' ';
    const bool two_byte_control = static_cast<unsigned char>(text[i]) == 0xC2U &&
                                  i + 1 < text.size() &&
                                  static_cast<unsigned char>(text[i + 1]) < 0xA0U;
    if (two_byte_control) text.replace(i, 2, "  ");
  }
  return text;
}

SubjectKind KindOfSubject(Reason reason) {
  const std::string_view id = Describe(reason).id;
  if (id.starts_with("component/")) return SubjectKind::kComponent;
  if (id.starts_with("container/") || id.starts_with("listed/")) return SubjectKind::kContainer;
  return SubjectKind::kPod;
}

std::string SentenceOf(const Decision& decision) {
  if (decision.subject.empty()) return Printable(decision.text);
  switch (KindOfSubject(decision.reason)) {
    case SubjectKind::kPod:
      return Printable(decision.text);
    case SubjectKind::kContainer:
      return Printable("container " + decision.subject + ": " + decision.text);
    case SubjectKind::kComponent:
      return Printable("component " + decision.subject + ": " + decision.text);
  }
  return Printable(decision.text);
}

std::vector<std::string> BuildWarnings(const Decisions& decisions) {
  std::vector<const Decision*> worth;
  for (const Decision& decision : decisions) {
    const Severity severity = Describe(decision.reason).severity;
    if (severity == Severity::kWarning || severity == Severity::kNotGiven) {
      worth.push_back(&decision);
    }
  }
  std::stable_sort(worth.begin(), worth.end(), [](const Decision* a, const Decision* b) {
    return Describe(a->reason).severity > Describe(b->reason).severity;
  });
  const bool all_fit = worth.size() <= kMaxWarnings;
  const std::size_t shown = all_fit ? worth.size() : kMaxWarnings - 1;
  std::vector<std::string> warnings;
  for (std::size_t i = 0; i < shown; ++i) warnings.push_back(Shortened(SentenceOf(*worth[i])));
  if (!all_fit) warnings.push_back(CountOfRest(worth.size() - shown));
  return warnings;
}

}  // namespace injector::patch
