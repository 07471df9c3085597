// Error details, byte by byte: what the runtime's gRPC library parses.
#include "status.h"

#include <gmock/gmock.h>

#include <string>

#include "component_error_details.pb.h"

namespace injector::test {
namespace {

namespace sdk = dapr::component;
namespace wire = dapr::component::wire;

TEST(StatusEtagMismatch, IsFailedPreconditionWithOneViolationOfEtag) {
  const grpc::Status status = sdk::ToGrpcStatus(sdk::EtagMismatch("moved").value());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "moved");
  // Status{1: 9, 2: "moved", 3: Any{1: url, 2: BadRequest{1: {1: "etag", 2: "moved"}}}}
  const std::string url = "type.googleapis.com/google.rpc.BadRequest";
  const std::string violation =
      "\x0a\x04"
      "etag"
      "\x12\x05"
      "moved";
  const std::string bad_request = "\x0a" + std::string(1, char(violation.size())) + violation;
  const std::string any = "\x0a" + std::string(1, char(url.size())) + url + "\x12" +
                          std::string(1, char(bad_request.size())) + bad_request;
  const std::string expected = "\x08\x09\x12\x05moved\x1a" + std::string(1, char(any.size())) + any;
  EXPECT_EQ(status.error_details(), expected);
}

TEST(StatusEtagInvalid, IsInvalidArgumentWithOneViolationOfEtag) {
  const grpc::Status status = sdk::ToGrpcStatus(sdk::EtagInvalid("no etag").value());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  wire::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), 3);
  ASSERT_EQ(details.details_size(), 1);
  wire::BadRequest violations;
  ASSERT_TRUE(violations.ParseFromString(details.details(0).value()));
  ASSERT_EQ(violations.field_violations_size(), 1);
  EXPECT_EQ(violations.field_violations(0).field(), "etag");
}

TEST(StatusRowMismatch, CarriesBothNumbersAsDecimals) {
  const grpc::Status status = sdk::ToGrpcStatus(sdk::BulkRowMismatch({3, 2}, "one row").value());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  wire::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  wire::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(details.details(0).value()));
  EXPECT_EQ(info.metadata().at("expected"), "3");
  EXPECT_EQ(info.metadata().at("affected"), "2");
}

TEST(StatusApiAnswer, CarriesTheHttpCodeAndTag) {
  const grpc::Status status =
      sdk::ToGrpcStatus(sdk::AnswerWith({429, "ERR_QUOTA", "QUOTA", "store"}, "too much").value());
  wire::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_EQ(details.details_size(), 1);
  wire::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(details.details(0).value()));
  EXPECT_EQ(info.reason(), "QUOTA");
  EXPECT_EQ(info.domain(), "store");
  EXPECT_EQ(info.metadata().at("kit_error"), "true");
  EXPECT_EQ(info.metadata().at("http_code"), "429");
  EXPECT_EQ(info.metadata().at("tag"), "ERR_QUOTA");
}

struct PlainCase {
  sdk::ErrorKind kind;
  grpc::StatusCode code;
};

class StatusPlain : public ::testing::TestWithParam<PlainCase> {};

TEST_P(StatusPlain, HasACodeAndNoDetails) {
  const grpc::Status status = sdk::ToGrpcStatus(sdk::Fail(GetParam().kind, "why").value());
  EXPECT_EQ(status.error_code(), GetParam().code);
  EXPECT_EQ(status.error_message(), "why");
  EXPECT_EQ(status.error_details(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, StatusPlain,
    ::testing::Values(
        PlainCase{sdk::ErrorKind::kUnknown, grpc::StatusCode::UNKNOWN},
        PlainCase{sdk::ErrorKind::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
        PlainCase{sdk::ErrorKind::kNotFound, grpc::StatusCode::NOT_FOUND},
        PlainCase{sdk::ErrorKind::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
        PlainCase{sdk::ErrorKind::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
        PlainCase{sdk::ErrorKind::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
        PlainCase{sdk::ErrorKind::kUnavailable, grpc::StatusCode::UNAVAILABLE},
        PlainCase{sdk::ErrorKind::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED},
        PlainCase{sdk::ErrorKind::kInternal, grpc::StatusCode::INTERNAL}));

TEST(StatusMessage, OverOneKibibyteIsCutAtACharacter) {
  const std::string text = std::string(1023, 'a') + "\xc3\xa9" + std::string(100, 'b');
  const grpc::Status status = sdk::ToGrpcStatus(sdk::EtagMismatch(text).value());
  EXPECT_EQ(status.error_message(), std::string(1023, 'a') + "...");
}

}  // namespace
}  // namespace injector::test
