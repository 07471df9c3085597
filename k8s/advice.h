#pragma once

// What somebody at a command line can do: about files that are too large, and when the Kubernetes
// API does not answer as it should.

#include <string_view>

#include "k8s/error.h"

namespace injector::k8s {

inline constexpr char kDivideManifests[] = "divide it into several files";

// To stand behind the error's message: "; <what to do>".
// Out: "" for what only the caller can know: which right is missing, which object is not there.
[[nodiscard]] std::string_view AdviceFor(ApiErrorKind kind);

}  // namespace injector::k8s
