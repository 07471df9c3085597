#include "dapr_component_sdk/error.h"

#include <utility>

namespace dapr::component {

Failure Fail(ErrorKind kind, std::string message) {
  return Failure(Error{kind, std::move(message)});
}

Failure EtagMismatch(std::string message) {
  return Fail(ErrorKind::kEtagMismatch, std::move(message));
}

Failure EtagInvalid(std::string message) {
  return Fail(ErrorKind::kEtagInvalid, std::move(message));
}

Failure BulkRowMismatch(RowMismatch rows, std::string message) {
  return Failure(Error{ErrorKind::kRowMismatch, std::move(message), rows});
}

Failure AnswerWith(ApiAnswer answer, std::string message) {
  return Failure(Error{ErrorKind::kUnknown, std::move(message), std::nullopt, std::move(answer)});
}

}  // namespace dapr::component
