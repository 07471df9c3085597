#pragma once

// Why something was or was not injected, as data: a stable id for labels, logs and tests, a
// severity, and what the user should do. docs/reasons.md lists the same ids for readers.

#include <array>
#include <span>
#include <string_view>

namespace injector::patch {

enum class Severity {
  kNote,      // as asked
  kWarning,   // as asked, but it may not do what the user hopes
  kNotGiven,  // something was asked for and is not given
  kDenied,    // the pod is refused
};

enum class Reason {
  // Verdicts on the pod; each pod gets exactly one.
  kPodInjected,
  kPodNotEnabled,
  kPodEnabledSpelling,
  kPodNotAPod,
  kPodNotACreate,
  kPodCallerNotAllowed,
  kPodAlreadyInjected,
  kPodInvalidAppId,
  kPodMalformed,
  kPodTrustAnchorsMissing,
  kPodComponentsUnavailable,
  kPodRequiredMissing,
  kPodHandlerFailed,
  // Remarks on the pod; any number.
  kPodTrustAnchorsPlaceholder,
  kPodComponentsDoubtful,
  kPodCallerNotJudged,
  kPodMeshProxyStartsLate,
  kPodJobWillNotEnd,
  kPodWindowsNoSockets,
  kPodNoWaitImage,
  kPodUdsRecipeObsolete,
  kPodMountSkipped,
  kPodEnvNameRepeated,
  kPodEnvSecretInvalid,
  kPodPortTaken,
  kAnnotationInvalidValue,
  // Remarks on the pod's own containers.
  kContainerPathTaken,
  kContainerAlreadyMounts,
  // Verdicts on containers named in pluggable-components; each name gets exactly one.
  kListedWired,
  kListedNoSuchContainer,
  kListedNotASidecar,
  kListedWindows,
  // Remarks on them.
  kListedStartsLate,
  kListedPathTaken,
  // Verdicts on Components of the namespace; each gets exactly one.
  kComponentInjected,
  kComponentNotAskedFor,
  kComponentNoContainer,
  kComponentOutOfScope,
  kComponentMalformed,
  kComponentInvalidContainer,
  kComponentReservedVolume,
  kComponentNoImage,
  kComponentImageSharedWith,
  kComponentImageConflict,
  kComponentWindows,
  // Remarks on them.
  kComponentPlacementContainer,
  kComponentNotAwaited,
  kComponentAwaitedSoftly,
  kComponentNotPluggableType,
  kComponentInvalidAnnotation,
  kComponentRenamed,
  kComponentUnknownField,
  kComponentRestartPolicyReplaced,
  kComponentSocketPathTaken,
};

struct ReasonInfo {
  Reason reason;
  std::string_view id;  // "component/out-of-scope": stable, never reused for something else
  Severity severity;
  bool verdict;             // says what became of its subject; else a remark beside the verdict
  std::string_view advice;  // what the user should do; "" when nothing
};

// Every reason, in the order of the enumeration.
[[nodiscard]] std::span<const ReasonInfo> AllReasons();

[[nodiscard]] const ReasonInfo& Describe(Reason reason);

// The word for a severity: "note", "warning", "not given", "denied".
[[nodiscard]] std::string_view Describe(Severity severity);

}  // namespace injector::patch
