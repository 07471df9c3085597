#pragma once

// From a component's gRPC status to the runtime's errors, by the details that daprd reads.

#include <grpcpp/support/status.h>

#include "runtime/result.h"

namespace injector::runtime {

// In: a status that is not OK.
// Source: Dapr's component protocol: a violation of `etag` in a BadRequest is an etag error by its
// code, `expected` and `affected` in an ErrorInfo a row mismatch, `kit_error` an answer of its own.
[[nodiscard]] Error ErrorOf(const grpc::Status& status);

// Whether the status' details say what their gRPC code says; Go's gRPC turns others into INTERNAL.
[[nodiscard]] bool DetailsAgree(const grpc::Status& status);

// "FAILED_PRECONDITION".
[[nodiscard]] const char* CodeName(int grpc_code);

}  // namespace injector::runtime
