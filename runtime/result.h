#pragma once

// What a call of the runtime can come to.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace injector::runtime {

enum class ErrorKind {
  kManifest,       // a Component manifest is not what it must be; the message names file and line
  kNotFound,       // no socket serves the kind and name that were asked for
  kUnreachable,    // nothing answers at the component's socket: absent, refused, or it broke off
  kDenied,         // the socket's mode or a folder's does not let this user in
  kTimeout,        // no answer within the deadline
  kUnimplemented,  // the component does not have the call
  kEtagMismatch,   // the value has changed meanwhile
  kEtagInvalid,    // the etag is none of this store's
  kRowMismatch,    // a bulk delete touched another number of rows than it should have
  kLimit,          // refused before the call: too many operations, topic not allowed
  kFailed,         // the component answered with any other error; the message is its own
};

struct Error {
  ErrorKind kind;
  std::string message;  // one sentence
  int grpc_code = 0;    // of the component's answer; 0 when there was none
  int http_code = 0;    // what Dapr's API would answer, where the component says so
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

// The result without its value.
template <class T>
[[nodiscard]] Result<void> Done(const Result<T>& result) {
  if (!result) return tl::unexpected(result.error());
  return {};
}

}  // namespace injector::runtime
