#pragma once

// Which manifests are an application's, and what the values in them stand for.

#include <functional>
#include <string>
#include <vector>

#include "runtime/manifest.h"
#include "runtime/socket_files.h"

namespace injector::runtime {

// Who loads the Components.
struct Application {
  std::string app_id;
  std::string name_space;  // of daprd, the variable NAMESPACE; "" filters nothing, and counts as
                           // "default" elsewhere
  std::string pod_name;    // for {podName}; "" when unknown
  Environment environment;
  std::function<std::string()> make_uuid;  // for {uuid}
};

// The namespace that daprd puts into values and before topics.
[[nodiscard]] std::string NamespaceOf(const Application& application);

// Why daprd would not load the manifest for this application: "" when it would.
[[nodiscard]] std::string WhyNotFor(const Manifest& manifest, const Application& application);

// The value of a secret. Errors: as the store says.
using SecretReader =
    std::function<Result<std::string>(const std::string& secret, const std::string& key)>;

struct ResolvedValues {
  Properties values;
  bool names_namespace = false;       // {namespace} stands in one of them
  std::vector<std::string> warnings;  // values that stay unset, and why
};

// spec.metadata as it goes to Init: templates, envRef and secretKeyRef resolved.
// In: `secrets` may be empty: no secret store is named.
// Errors: kManifest for {podName} without a known pod.
// Source: Dapr's runtime, metadata of components: {uuid}, {podName}, {namespace} (which is
// <namespace>.<app id>) and {appID}; variables DAPR_* and APP_API_TOKEN are refused, and all but
// those in DAPR_ENV_KEYS where it is set.
[[nodiscard]] Result<ResolvedValues> ResolveValues(const Manifest& manifest,
                                                   const Application& application,
                                                   const SecretReader& secrets);

}  // namespace injector::runtime
