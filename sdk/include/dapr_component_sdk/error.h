#pragma once
// How a component says that a call failed. Handlers return Result<T>; the functions below build
// the failure, e.g. `return EtagMismatch("key moved on");`. The SDK turns it into the gRPC code
// and exactly the error details that Dapr's runtime understands.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <tl/expected.hpp>

namespace dapr::component {

// The manifest's metadata, or that of one call.
using Properties = std::map<std::string, std::string>;

enum class ErrorKind {
  kUnknown,             // any other fault; UNKNOWN
  kInvalidArgument,     // the caller must change the request; INVALID_ARGUMENT
  kNotFound,            // what was named does not exist; NOT_FOUND
  kFailedPrecondition,  // the component is not in a state to do it; FAILED_PRECONDITION
  kPermissionDenied,    // PERMISSION_DENIED
  kResourceExhausted,   // a limit was reached; RESOURCE_EXHAUSTED
  kUnavailable,         // try again later; UNAVAILABLE
  kUnimplemented,       // this component has no such call; UNIMPLEMENTED
  kInternal,            // a broken invariant, or an exception left a handler; INTERNAL
  kEtagMismatch,        // the value changed meanwhile; Dapr answers 409 and never retries
  kEtagInvalid,         // the etag is no etag of this store; Dapr answers 400 and never retries
  kRowMismatch,         // a bulk delete touched another number of rows than it should
};

// What Dapr's HTTP API shall answer (state stores, Dapr 1.18 and later).
struct ApiAnswer {
  int http_code = 500;
  std::string tag;     // short upper-case name, e.g. ERR_STATE_QUOTA
  std::string reason;  // reason of google.rpc.ErrorInfo
  std::string domain;  // domain of google.rpc.ErrorInfo
};

// How many rows a bulk delete should have and has touched.
struct RowMismatch {
  std::int64_t expected = 0;
  std::int64_t affected = 0;
};

struct Error {
  ErrorKind kind = ErrorKind::kUnknown;
  std::string message;                // shown to the caller of Dapr's API
  std::optional<RowMismatch> rows{};  // with kRowMismatch
  std::optional<ApiAnswer> answer{};  // any kind; read before the etag rules
};

template <typename T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

[[nodiscard]] Failure Fail(ErrorKind kind, std::string message);
[[nodiscard]] Failure EtagMismatch(std::string message);
[[nodiscard]] Failure EtagInvalid(std::string message);
[[nodiscard]] Failure BulkRowMismatch(RowMismatch rows, std::string message);
[[nodiscard]] Failure AnswerWith(ApiAnswer answer, std::string message);

}  // namespace dapr::component
