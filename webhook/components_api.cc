#include "webhook/components_api.h"

namespace injector::webhook {
namespace {

// As it stands in a Role: one line, so that it can be copied from the log.
constexpr std::string_view kRule =
    "{apiGroups: [dapr.io], resources: [components], verbs: [get, list, watch]}";

std::string RuleAdvice(std::string_view verb, std::string_view namespace_name) {
  std::string advice = "; the injector's service account lacks the verb " + std::string(verb);
  advice += " on components.dapr.io: add to the rules of its ";
  advice +=
      namespace_name.empty() ? "ClusterRole" : "Role in namespace " + std::string(namespace_name);
  advice += ": - ";
  return advice.append(kRule);
}

}  // namespace

std::string ComponentsPath(std::string_view namespace_name) {
  std::string path = "/apis/dapr.io/v1alpha1/";
  if (!namespace_name.empty()) path.append("namespaces/").append(namespace_name).append("/");
  return path + "components";
}

bool PassesByItself(const k8s::ApiError& error) {
  using k8s::ApiErrorKind;
  switch (error.kind) {
    case ApiErrorKind::kForbidden:
    case ApiErrorKind::kNotFound:
    case ApiErrorKind::kUnauthorized:
    case ApiErrorKind::kUntrusted:
    case ApiErrorKind::kConfiguration:
      return false;
    default:
      return true;
  }
}

std::string ExplainComponentsError(const k8s::ApiError& error, std::string_view verb,
                                   std::string_view namespace_name) {
  using k8s::ApiErrorKind;
  switch (error.kind) {
    case ApiErrorKind::kForbidden:
      return error.message + RuleAdvice(verb, namespace_name);
    case ApiErrorKind::kNotFound:
      return error.message +
             "; the custom resource definition components.dapr.io is not installed: install Dapr";
    case ApiErrorKind::kUnauthorized:
      return error.message +
             "; the API server does not accept the injector's credentials: look at "
             "its service account's token";
    case ApiErrorKind::kUntrusted:
      return error.message + "; the API server's certificate is not of the cluster's authority";
    default:
      return error.message;
  }
}

}  // namespace injector::webhook
