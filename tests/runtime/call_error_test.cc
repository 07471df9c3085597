#include "runtime/call_error.h"

#include <gtest/gtest.h>

#include "component_error_details.pb.h"

namespace injector::test {
namespace {

namespace wire = ::dapr::component::wire;
using grpc::StatusCode;
using runtime::ErrorKind;
using runtime::ErrorOf;

void Pack(const google::protobuf::Message& detail, const std::string& type, wire::Status& status) {
  auto& any = *status.add_details();
  any.set_type_url("type.googleapis.com/google.rpc." + type);
  detail.SerializeToString(any.mutable_value());
}

grpc::Status WithViolation(StatusCode code, const std::string& field, int inner_code) {
  wire::BadRequest request;
  request.add_field_violations()->set_field(field);
  wire::Status details;
  details.set_code(inner_code);
  Pack(request, "BadRequest", details);
  return {code, "message", details.SerializeAsString()};
}

grpc::Status WithInfo(StatusCode code, const std::map<std::string, std::string>& metadata) {
  wire::ErrorInfo info;
  for (const auto& [name, value] : metadata) (*info.mutable_metadata())[name] = value;
  wire::Status details;
  details.set_code(code);
  Pack(info, "ErrorInfo", details);
  return {code, "message", details.SerializeAsString()};
}

TEST(ErrorOf, ViolationOfEtagIsAnEtagErrorByItsCode) {
  EXPECT_EQ(ErrorOf(WithViolation(StatusCode::FAILED_PRECONDITION, "etag", 9)).kind,
            ErrorKind::kEtagMismatch);
  EXPECT_EQ(ErrorOf(WithViolation(StatusCode::INVALID_ARGUMENT, "etag", 3)).kind,
            ErrorKind::kEtagInvalid);
  EXPECT_EQ(ErrorOf(WithViolation(StatusCode::UNKNOWN, "etag", 2)).kind, ErrorKind::kFailed);
}

TEST(ErrorOf, ViolationOfAnotherFieldIsNone) {
  EXPECT_EQ(ErrorOf(WithViolation(StatusCode::FAILED_PRECONDITION, "key", 9)).kind,
            ErrorKind::kFailed);
}

TEST(ErrorOf, DetailsOfAnotherCodeDoNotCount) {
  const grpc::Status status = WithViolation(StatusCode::FAILED_PRECONDITION, "etag", 3);
  EXPECT_FALSE(runtime::DetailsAgree(status));
  EXPECT_EQ(ErrorOf(status).kind, ErrorKind::kFailed);
}

TEST(ErrorOf, RowMismatchNeedsBothNumbers) {
  EXPECT_EQ(ErrorOf(WithInfo(StatusCode::INTERNAL, {{"expected", "2"}, {"affected", "1"}})).kind,
            ErrorKind::kRowMismatch);
  EXPECT_EQ(ErrorOf(WithInfo(StatusCode::INTERNAL, {{"expected", "2"}})).kind, ErrorKind::kFailed);
}

TEST(ErrorOf, ComponentsOwnAnswerIsKept) {
  const auto error =
      ErrorOf(WithInfo(StatusCode::UNKNOWN, {{"kit_error", "true"}, {"http_code", "507"}}));
  EXPECT_EQ(error.http_code, 507);
  EXPECT_EQ(error.message, "message");
}

TEST(ErrorOf, CodesWithoutDetailsHaveKinds) {
  EXPECT_EQ(ErrorOf({StatusCode::UNAVAILABLE, "x"}).kind, ErrorKind::kUnreachable);
  EXPECT_EQ(ErrorOf({StatusCode::DEADLINE_EXCEEDED, "x"}).kind, ErrorKind::kTimeout);
  EXPECT_EQ(ErrorOf({StatusCode::UNIMPLEMENTED, "x"}).kind, ErrorKind::kUnimplemented);
  EXPECT_EQ(ErrorOf({StatusCode::NOT_FOUND, ""}).message, "the component answered NOT_FOUND");
}

}  // namespace
}  // namespace injector::test
