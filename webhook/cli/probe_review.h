#pragma once

// The review that `check` sends, and what its answer says. Pure: text in, text out.

#include <string>
#include <string_view>
#include <vector>

#include "webhook/result.h"

namespace injector::webhook {

// An AdmissionReview for a pod in `namespace_name` that asks for a sidecar and for the components
// of its namespace, created by a member of system:masters.
// In: `uid` identifies the review.
[[nodiscard]] std::string BuildProbeReview(std::string_view uid, std::string_view namespace_name);

// Out: the warnings of an answer that allows the pod and adds the container daprd to it.
// Errors: kCluster, with what the answer is instead.
// Source: k8s.io/api/admission/v1 AdmissionResponse.
[[nodiscard]] Result<std::vector<std::string>> JudgeProbeAnswer(std::string_view uid,
                                                                int http_status,
                                                                std::string_view body);

}  // namespace injector::webhook
