#pragma once

// What was decided about one subject, and why. The same value feeds warnings, log, metrics, the
// status annotation, `explain` and the tests.

#include <string>
#include <utility>
#include <vector>

#include "patch/reason.h"

namespace injector::patch {

enum class SubjectKind { kPod, kContainer, kComponent };

struct Decision {
  Reason reason;
  std::string subject;  // name of the Component or container; "" for the pod, or for several
  std::string text;     // one sentence, without a full stop; may quote the user's input
};

// Which kind of thing a decision's subject is; follows from the reason's id.
[[nodiscard]] SubjectKind KindOfSubject(Reason reason);

// Decisions in the order in which they were taken: the pod's verdict first, then remarks, listed
// containers in the order of the annotation, Components by name.
using Decisions = std::vector<Decision>;

// `text` with each control character replaced by blanks, for terminals and warnings.
[[nodiscard]] std::string Printable(std::string text);

// "component kafka: <text>", without control characters, as people read it.
[[nodiscard]] std::string SentenceOf(const Decision& decision);

// The admission response's warnings: decisions of severity warning and not given, the worse first
// and equal ones in order (a denial is the response's message); at most 8, each at most 120 bytes
// of UTF-8 without control characters; when there are more the last one counts the rest. Source:
// k8s.io/apiserver/pkg/warning drops a warning that holds a control character.
[[nodiscard]] std::vector<std::string> BuildWarnings(const Decisions& decisions);

}  // namespace injector::patch
