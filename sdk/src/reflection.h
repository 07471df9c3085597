#pragma once
// Answers of gRPC server reflection (v1alpha, which the runtime asks, and v1).

#include <string>
#include <vector>

#include "component_reflection.pb.h"

namespace dapr::component {

// In: `services` are the full names that list_services shall give.
// Out: files and symbols come from the program's own descriptors; what is not there is an
// error_response with NOT_FOUND.
[[nodiscard]] wire::ServerReflectionResponse AnswerReflection(
    const wire::ServerReflectionRequest& request, const std::vector<std::string>& services);

}  // namespace dapr::component
