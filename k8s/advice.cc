#include "k8s/advice.h"

namespace injector::k8s {

std::string_view AdviceFor(ApiErrorKind kind) {
  switch (kind) {
    case ApiErrorKind::kUnreachable:
      return "; start the cluster, or let this machine reach it: `kubectl version` asks the same";
    case ApiErrorKind::kTimeout:
      return "; the cluster is slow, or a firewall swallows what is sent: try `kubectl version`";
    case ApiErrorKind::kUntrusted:
      return "; the kubeconfig's certificate-authority must be that of this server";
    case ApiErrorKind::kUnauthorized:
      return "; the cluster does not accept these credentials: sign in again";
    case ApiErrorKind::kTooManyRequests:
    case ApiErrorKind::kServerError:
      return "; the cluster is busy or broken: try again";
    case ApiErrorKind::kBadReply:
      return "; the kubeconfig's server must be a Kubernetes API, without a proxy that changes it";
    default:
      return "";
  }
}

}  // namespace injector::k8s
