#pragma once
// From the component's errors to gRPC's, with the details that Dapr's runtime reads.

#include <grpcpp/support/status.h>

#include "dapr_component_sdk/error.h"

namespace dapr::component {

// Out: the status' message and the details carry the same code and text, as the runtime's gRPC
// library demands. Only etag errors, row mismatches and an ApiAnswer have a detail.
[[nodiscard]] grpc::Status ToGrpcStatus(const Error& error);

}  // namespace dapr::component
