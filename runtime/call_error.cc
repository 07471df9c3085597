#include "runtime/call_error.h"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "component_error_details.pb.h"

namespace injector::runtime {
namespace {

namespace wire = ::dapr::component::wire;

// gRPC's own words where the bytes of an answer are no message; it calls that UNIMPLEMENTED.
constexpr std::string_view kUnreadable = "No message returned for unary request";
// And where the connection broke in a call; it calls that UNKNOWN.
constexpr std::string_view kRemoved = "Stream removed";

bool IsType(const google::protobuf::Any& any, std::string_view type) {
  const std::string_view url = any.type_url();
  return url.substr(url.rfind('/') + 1) == type;
}

std::optional<wire::Status> DetailsOf(const grpc::Status& status) {
  wire::Status details;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details()))
    return std::nullopt;
  return details;
}

bool HasEtagViolation(const wire::Status& details) {
  for (const auto& any : details.details()) {
    wire::BadRequest request;
    if (IsType(any, "google.rpc.BadRequest") && request.ParseFromString(any.value()))
      return request.field_violations_size() == 1 && request.field_violations(0).field() == "etag";
  }
  return false;
}

std::optional<wire::ErrorInfo> InfoOf(const wire::Status& details) {
  for (const auto& any : details.details()) {
    wire::ErrorInfo info;
    if (IsType(any, "google.rpc.ErrorInfo") && info.ParseFromString(any.value())) return info;
  }
  return std::nullopt;
}

int HttpCodeOf(const wire::ErrorInfo& info) {
  const auto kit = info.metadata().find("kit_error");
  const auto code = info.metadata().find("http_code");
  if (kit == info.metadata().end() || kit->second != "true" || code == info.metadata().end())
    return 0;
  int value = 0;
  const std::string& text = code->second;
  (void)std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

ErrorKind KindOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
      return ErrorKind::kUnreachable;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ErrorKind::kTimeout;
    case grpc::StatusCode::UNIMPLEMENTED:
      return ErrorKind::kUnimplemented;
    default:
      return ErrorKind::kFailed;
  }
}

ErrorKind KindOf(const grpc::Status& status, const wire::Status& details) {
  if (HasEtagViolation(details)) {
    if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION)
      return ErrorKind::kEtagMismatch;
    if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) return ErrorKind::kEtagInvalid;
  }
  const auto info = InfoOf(details);
  if (status.error_code() == grpc::StatusCode::INTERNAL && info &&
      info->metadata().count("expected") == 1 && info->metadata().count("affected") == 1)
    return ErrorKind::kRowMismatch;
  return KindOf(status.error_code());
}

}  // namespace

Error ErrorOf(const grpc::Status& status) {
  if (status.error_message() == kUnreadable)
    return {ErrorKind::kFailed,
            "the component's answer is no message of this call; build it from Dapr's own .proto "
            "files",
            status.error_code()};
  if (status.error_message() == kRemoved)
    return {ErrorKind::kUnreachable,
            "the connection broke: the component has ended, or is no gRPC server",
            status.error_code()};
  Error error{KindOf(status.error_code()), status.error_message(), status.error_code()};
  if (error.message.empty())
    error.message = std::string("the component answered ") + CodeName(status.error_code());
  const auto details = DetailsOf(status);
  if (!details || !DetailsAgree(status)) return error;
  const auto info = InfoOf(*details);
  error.http_code = info ? HttpCodeOf(*info) : 0;
  if (error.http_code == 0) error.kind = KindOf(status, *details);
  return error;
}

bool DetailsAgree(const grpc::Status& status) {
  if (status.error_details().empty()) return true;
  const auto details = DetailsOf(status);
  return details && details->code() == static_cast<int>(status.error_code());
}

const char* CodeName(int grpc_code) {
  static constexpr std::array<const char*, 17> kNames = {"OK",
                                                         "CANCELLED",
                                                         "UNKNOWN",
                                                         "INVALID_ARGUMENT",
                                                         "DEADLINE_EXCEEDED",
                                                         "NOT_FOUND",
                                                         "ALREADY_EXISTS",
                                                         "PERMISSION_DENIED",
                                                         "RESOURCE_EXHAUSTED",
                                                         "FAILED_PRECONDITION",
                                                         "ABORTED",
                                                         "OUT_OF_RANGE",
                                                         "UNIMPLEMENTED",
                                                         "INTERNAL",
                                                         "UNAVAILABLE",
                                                         "DATA_LOSS",
                                                         "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(grpc_code);
  return grpc_code < 0 || index >= kNames.size() ? "an unknown code" : kNames[index];
}

}  // namespace injector::runtime
