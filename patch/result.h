#pragma once

// The outcome of a step that can fail on what it was given: a value, or which field of which
// object was at fault and why.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace injector::patch {

enum class ErrorKind {
  kMalformedJson,     // the bytes are no JSON that we accept; `where` is "offset N"
  kMalformedReview,   // JSON, but no AdmissionReview; `where` is a JSON pointer into it
  kMalformedPod,      // a field of the pod has the wrong type; `where` is a JSON pointer into it
  kMalformedObject,   // a Component or Configuration has a field of the wrong type
  kInvalidContainer,  // a Component's container would make the API server refuse the pod
  kReservedVolume,    // a Component's container mounts a volume that holds the pod's identity
  kNoImage,           // a Component's container has no image
  kUnavailable,       // the Components cannot be had at the moment; the message says what to do
};

struct Error {
  ErrorKind kind;
  std::string where;    // "offset 17" or a JSON pointer such as "/spec/containers/0/env"
  std::string message;  // what was expected, what was found

  // "<where>: <message>", or the message alone when there is no place to name.
  [[nodiscard]] std::string Text() const {
    return where.empty() ? message : where + ": " + message;
  }
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorKind kind, std::string where,
                                                std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(where), std::move(message)});
}

}  // namespace injector::patch
