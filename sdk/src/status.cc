#include "status.h"

#include <string>

#include "component_error_details.pb.h"

namespace dapr::component {
namespace {

// The runtime looks at the text behind the last slash only.
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";

// HTTP/2 headers bound what a trailer can carry; clients refuse more than 8 KiB of metadata, and
// the text is sent twice: as grpc-message and inside the details.
constexpr std::size_t kMaxMessageBytes = 1024;

grpc::StatusCode CodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUnknown:
      return grpc::StatusCode::UNKNOWN;
    case ErrorKind::kInvalidArgument:
    case ErrorKind::kEtagInvalid:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ErrorKind::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case ErrorKind::kFailedPrecondition:
    case ErrorKind::kEtagMismatch:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case ErrorKind::kPermissionDenied:
      return grpc::StatusCode::PERMISSION_DENIED;
    case ErrorKind::kResourceExhausted:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ErrorKind::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case ErrorKind::kUnimplemented:
      return grpc::StatusCode::UNIMPLEMENTED;
    case ErrorKind::kInternal:
    case ErrorKind::kRowMismatch:
      return grpc::StatusCode::INTERNAL;
  }
  return grpc::StatusCode::UNKNOWN;
}

// Cuts at a character's boundary, so that the text stays UTF-8.
std::string Shorten(const std::string& text) {
  if (text.size() <= kMaxMessageBytes) return text;
  std::size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

void Attach(const google::protobuf::Message& detail, const char* url, wire::Status* status) {
  google::protobuf::Any* any = status->add_details();
  any->set_type_url(url);
  detail.SerializeToString(any->mutable_value());
}

void AttachEtagViolation(const std::string& message, wire::Status* status) {
  wire::BadRequest detail;
  auto* violation = detail.add_field_violations();
  violation->set_field("etag");
  violation->set_description(message);
  Attach(detail, kBadRequestUrl, status);
}

void AttachRows(const RowMismatch& rows, wire::Status* status) {
  wire::ErrorInfo detail;
  (*detail.mutable_metadata())["expected"] = std::to_string(rows.expected);
  (*detail.mutable_metadata())["affected"] = std::to_string(rows.affected);
  Attach(detail, kErrorInfoUrl, status);
}

void AttachAnswer(const ApiAnswer& answer, wire::Status* status) {
  wire::ErrorInfo detail;
  detail.set_reason(answer.reason);
  detail.set_domain(answer.domain);
  (*detail.mutable_metadata())["kit_error"] = "true";
  (*detail.mutable_metadata())["http_code"] = std::to_string(answer.http_code);
  (*detail.mutable_metadata())["tag"] = answer.tag;
  Attach(detail, kErrorInfoUrl, status);
}

}  // namespace

grpc::Status ToGrpcStatus(const Error& error) {
  const grpc::StatusCode code = CodeOf(error.kind);
  const std::string message = Shorten(error.message);
  wire::Status details;
  details.set_code(static_cast<int>(code));
  details.set_message(message);
  if (error.answer) {
    AttachAnswer(*error.answer, &details);
  } else if (error.kind == ErrorKind::kEtagMismatch || error.kind == ErrorKind::kEtagInvalid) {
    AttachEtagViolation(message, &details);
  } else if (error.kind == ErrorKind::kRowMismatch) {
    AttachRows(error.rows.value_or(RowMismatch{}), &details);
  } else {
    return {code, message};
  }
  return {code, message, details.SerializeAsString()};
}

}  // namespace dapr::component
