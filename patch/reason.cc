#include "patch/reason.h"

namespace injector::patch {
namespace {

using enum Reason;
using enum Severity;

constexpr bool kVerdict = true;
constexpr bool kRemark = false;

constexpr std::array kReasons = {
    ReasonInfo{kPodInjected, "pod/injected", kNote, kVerdict, ""},
    ReasonInfo{kPodNotEnabled, "pod/not-enabled", kNote, kVerdict,
               "set dapr.io/enabled: \"true\" on the pod template to get a sidecar"},
    ReasonInfo{kPodEnabledSpelling, "pod/enabled-spelling", kNotGiven, kVerdict,
               "write dapr.io/enabled: \"true\""},
    ReasonInfo{kPodNotAPod, "pod/not-a-pod", kNote, kVerdict,
               "let the webhook's rules match pods only"},
    ReasonInfo{kPodNotACreate, "pod/not-a-create", kNote, kVerdict,
               "let the webhook's rules match CREATE of pods only"},
    ReasonInfo{kPodCallerNotAllowed, "pod/caller-not-allowed", kNotGiven, kVerdict,
               "create pods through a workload controller, or add the account to "
               "ALLOWED_SERVICE_ACCOUNTS"},
    ReasonInfo{kPodAlreadyInjected, "pod/already-injected", kNote, kVerdict, ""},
    ReasonInfo{kPodInvalidAppId, "pod/invalid-app-id", kDenied, kVerdict,
               "set dapr.io/app-id to at most 58 lower-case letters, digits and dashes"},
    ReasonInfo{kPodMalformed, "pod/malformed", kDenied, kVerdict,
               "correct the field that the message names"},
    ReasonInfo{kPodTrustAnchorsMissing, "pod/trust-anchors-missing", kDenied, kVerdict,
               "make the file of DAPR_TRUST_ANCHORS_FILE readable to the injector"},
    ReasonInfo{kPodComponentsUnavailable, "pod/components-unavailable", kDenied, kVerdict,
               "see the message; the controller creates the pod again"},
    ReasonInfo{kPodRequiredMissing, "pod/required-missing", kDenied, kVerdict,
               "apply the Component, correct it, or drop it from the annotation require"},
    ReasonInfo{kPodHandlerFailed, "pod/handler-failed", kDenied, kVerdict,
               "report it with the injector's log line"},

    ReasonInfo{kPodTrustAnchorsPlaceholder, "pod/trust-anchors-placeholder", kNotGiven, kRemark,
               "set DAPR_TRUST_ANCHORS_FILE to the cluster's ca.crt"},
    ReasonInfo{kPodComponentsDoubtful, "pod/components-doubtful", kWarning, kRemark,
               "compare with the Components there are, and restart the pod if they differ"},
    ReasonInfo{kPodCallerNotJudged, "pod/caller-not-judged", kWarning, kRemark,
               "put the pod into a Deployment, or create it as system:masters"},
    ReasonInfo{kPodMeshProxyStartsLate, "pod/mesh-proxy-starts-late", kWarning, kRemark,
               "run the mesh proxy as a native sidecar, or set "
               "component-injector.dapr.io/component-wait: \"off\""},
    ReasonInfo{kPodJobWillNotEnd, "pod/job-will-not-end", kWarning, kRemark,
               "set dapr.io/enable-native-sidecar: \"true\", or let the app call shutdown"},
    ReasonInfo{kPodWindowsNoSockets, "pod/windows-no-sockets", kNotGiven, kRemark,
               "run components on Linux nodes: Windows has no sockets for them"},
    ReasonInfo{kPodNoWaitImage, "pod/no-wait-image", kWarning, kRemark, "set COMPONENT_WAIT_IMAGE"},
    ReasonInfo{kPodUdsRecipeObsolete, "pod/uds-recipe-obsolete", kWarning, kRemark,
               "use dapr.io/pluggable-components instead of dapr.io/unix-domain-socket-path"},
    ReasonInfo{kPodMountSkipped, "pod/mount-skipped", kNotGiven, kRemark,
               "correct dapr.io/volume-mounts or dapr.io/volume-mounts-rw"},
    ReasonInfo{kPodEnvNameRepeated, "pod/env-name-repeated", kWarning, kRemark,
               "drop the name from dapr.io/env or dapr.io/env-from-secret"},
    ReasonInfo{kPodEnvSecretInvalid, "pod/env-secret-invalid", kNotGiven, kRemark,
               "write NAME=secret or NAME=secret:key"},
    ReasonInfo{kPodPortTaken, "pod/port-taken", kWarning, kRemark,
               "give daprd another port, or leave hostNetwork"},
    ReasonInfo{kAnnotationInvalidValue, "annotation/invalid-value", kNotGiven, kRemark,
               "correct the annotation; its default is in use"},

    ReasonInfo{kContainerPathTaken, "container/path-taken", kNotGiven, kRemark,
               "free the path in the container, or choose another one in the annotation"},
    ReasonInfo{kContainerAlreadyMounts, "container/already-mounts", kWarning, kRemark,
               "drop the container's own mount of the volume"},

    ReasonInfo{kListedWired, "listed/wired", kNote, kVerdict, ""},
    ReasonInfo{kListedNoSuchContainer, "listed/no-such-container", kNotGiven, kVerdict,
               "correct the name in dapr.io/pluggable-components"},
    ReasonInfo{kListedNotASidecar, "listed/not-a-sidecar", kNotGiven, kVerdict,
               "give the init container restartPolicy: Always"},
    ReasonInfo{kListedWindows, "listed/windows", kNotGiven, kVerdict,
               "run components on Linux nodes"},
    ReasonInfo{kListedStartsLate, "listed/starts-late", kWarning, kRemark,
               "make it an init container with restartPolicy: Always"},
    ReasonInfo{kListedPathTaken, "listed/path-taken", kNotGiven, kRemark,
               "free the socket folder's path in the container"},

    ReasonInfo{kComponentInjected, "component/injected", kNote, kVerdict, ""},
    ReasonInfo{kComponentNotAskedFor, "component/not-asked-for", kNote, kVerdict,
               "set dapr.io/inject-pluggable-components: \"true\" on the pod"},
    ReasonInfo{kComponentNoContainer, "component/no-container", kNote, kVerdict, ""},
    ReasonInfo{kComponentOutOfScope, "component/out-of-scope", kNote, kVerdict,
               "add the app id to the Component's scopes"},
    ReasonInfo{kComponentMalformed, "component/malformed", kNotGiven, kVerdict,
               "correct the field of the Component that the message names"},
    ReasonInfo{kComponentInvalidContainer, "component/invalid-container", kNotGiven, kVerdict,
               "correct dapr.io/component-container at the path that the message names"},
    ReasonInfo{kComponentReservedVolume, "component/reserved-volume", kNotGiven, kVerdict,
               "remove the mount: it would take the app's identity"},
    ReasonInfo{kComponentNoImage, "component/no-image", kNotGiven, kVerdict,
               "give the container an image"},
    ReasonInfo{kComponentImageSharedWith, "component/image-shared-with", kNote, kVerdict, ""},
    ReasonInfo{kComponentImageConflict, "component/image-conflict", kNotGiven, kVerdict,
               "make the containers equal, or give each an image reference of its own"},
    ReasonInfo{kComponentWindows, "component/windows", kNotGiven, kVerdict,
               "run components on Linux nodes"},

    ReasonInfo{kComponentPlacementContainer, "component/placement-container", kWarning, kRemark,
               "drop the annotation placement: container, if the component can start first"},
    ReasonInfo{kComponentNotAwaited, "component/not-awaited", kNote, kRemark, ""},
    ReasonInfo{kComponentAwaitedSoftly, "component/awaited-softly", kNote, kRemark, ""},
    ReasonInfo{kComponentNotPluggableType, "component/not-pluggable-type", kWarning, kRemark,
               "write spec.type as pubsub, state, bindings or secretstores, a dot and the "
               "socket's name, and spec.version as v1"},
    ReasonInfo{kComponentInvalidAnnotation, "component/invalid-annotation", kNotGiven, kRemark,
               "correct the Component's annotation; its default is in use"},
    ReasonInfo{kComponentRenamed, "component/renamed", kWarning, kRemark,
               "give the container a name that is free and a DNS label"},
    ReasonInfo{kComponentUnknownField, "component/unknown-field", kWarning, kRemark,
               "correct the field's name; letter case counts"},
    ReasonInfo{kComponentRestartPolicyReplaced, "component/restart-policy-replaced", kWarning,
               kRemark, "drop restartPolicy from the container"},
    ReasonInfo{kComponentSocketPathTaken, "component/socket-path-taken", kNotGiven, kRemark,
               "free the socket folder's path in the container"},
};

constexpr bool InEnumerationOrder() {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    if (kReasons[i].reason != static_cast<Reason>(i)) return false;
  }
  return kReasons.back().reason == kComponentSocketPathTaken;
}
static_assert(InEnumerationOrder());

}  // namespace

std::span<const ReasonInfo> AllReasons() {
  return kReasons;
}

const ReasonInfo& Describe(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)];
}

std::string_view Describe(Severity severity) {
  switch (severity) {
    case kNote:
      return "note";
    case kWarning:
      return "warning";
    case kNotGiven:
      return "not given";
    case kDenied:
      return "denied";
  }
  return "note";
}

}  // namespace injector::patch
