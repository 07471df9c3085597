#pragma once

// What a call to the Kubernetes API, or the reading of its configuration, can come to.

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace injector::k8s {

enum class ApiErrorKind {
  kConfiguration,    // kubeconfig, token or CA files are unusable; the message names file and field
  kUnreachable,      // no connection, or it broke before a whole answer came
  kTimeout,          // the deadline passed
  kUntrusted,        // TLS: the server's certificate is not one that we trust
  kUnauthorized,     // 401: the credentials are not accepted
  kForbidden,        // 403: RBAC lacks a verb on a resource; the message says which
  kNotFound,         // 404: no such object, or its CRD is not installed
  kConflict,         // 409: the object has changed meanwhile
  kGone,             // 410: the resource version or continue token is too old: list again
  kTooManyRequests,  // 429: try again after `retry_after`
  kRefused,          // any other 4xx: the request itself is at fault
  kServerError,      // 5xx
  kBadReply,         // the answer is no JSON of the kind that was asked for
};

struct ApiError {
  ApiErrorKind kind;
  std::string message;  // one sentence: verb, resource, what the server or the transport said
  int http_status = 0;  // 0 when there was no answer
  std::optional<std::chrono::milliseconds> retry_after = {};
};

template <class T>
using ApiResult = tl::expected<T, ApiError>;

[[nodiscard]] inline tl::unexpected<ApiError> ApiFail(ApiErrorKind kind, std::string message) {
  return tl::unexpected<ApiError>(ApiError{kind, std::move(message)});
}

}  // namespace injector::k8s
