#include "webhook/review.h"

#include <utility>

#include "k8s/base64.h"
#include "patch/json_shape.h"
#include "patch/json_writer.h"

namespace injector::webhook {
namespace {

using patch::JsonPlace;
using patch::JsonShape;
using patch::JsonType;
using patch::JsonValue;

constexpr std::string_view kReviewKind = "AdmissionReview";
constexpr std::string_view kV1 = "admission.k8s.io/v1";
constexpr std::string_view kV1Beta1 = "admission.k8s.io/v1beta1";

Caller ReadCaller(JsonShape& shape, JsonValue request, const JsonPlace& at) {
  const JsonPlace place{&at, "userInfo"};
  const JsonValue info = shape.Object(request, at, "userInfo");
  Caller caller;
  caller.username = shape.String(info, place, "username");
  caller.uid = shape.String(info, place, "uid");
  const JsonPlace groups{&place, "groups"};
  std::size_t index = 0;
  shape.Checked(info.Find("groups"), groups, JsonType::kArray).ForEachElement([&](JsonValue group) {
    const JsonPlace element{&groups, {}, index++, true};
    caller.groups.push_back(shape.Checked(group, element, JsonType::kString).String());
  });
  return caller;
}

void ReadRequest(JsonShape& shape, JsonValue request, const JsonPlace& at, Review& review) {
  review.uid = shape.String(request, at, "uid");
  const JsonPlace kind_place{&at, "kind"};
  const JsonValue kind = shape.Object(request, at, "kind");
  review.kind_group = shape.String(kind, kind_place, "group");
  review.kind = shape.String(kind, kind_place, "kind");
  review.sub_resource = shape.String(request, at, "subResource");
  review.operation = shape.String(request, at, "operation");
  review.namespace_name = shape.String(request, at, "namespace");
  review.name = shape.String(request, at, "name");
  review.caller = ReadCaller(shape, request, at);
  review.object = request.Find("object");
  review.old_object = request.Find("oldObject");
}

std::string Quoted(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string quoted;
  patch::AppendJsonString(quoted, text.substr(0, kLongest));
  return quoted;
}

}  // namespace

patch::Result<Review> ReadReview(JsonValue root) {
  JsonShape shape(patch::ErrorKind::kMalformedReview);
  const JsonPlace at;
  if (root.Type() != JsonType::kObject) {
    return patch::Fail(patch::ErrorKind::kMalformedReview, "",
                       "expected an AdmissionReview, found " + std::string(Describe(root.Type())));
  }
  Review review;
  const std::string_view kind = shape.String(root, at, "kind");
  review.api_version = shape.String(root, at, "apiVersion");
  const JsonPlace request_place{&at, "request"};
  const JsonValue request = shape.Object(root, at, "request");
  ReadRequest(shape, request, request_place, review);
  if (shape.FirstFault()) return shape.Finish(std::move(review));
  if (request.IsMissingOrNull()) {
    return patch::Fail(
        patch::ErrorKind::kMalformedReview, "/request",
        "expected an object, found " + std::string(Describe(root.Find("request").Type())));
  }
  if (kind != kReviewKind) {
    return patch::Fail(patch::ErrorKind::kMalformedReview, "/kind",
                       "expected \"AdmissionReview\", found " + Quoted(kind));
  }
  if (review.api_version != kV1 && review.api_version != kV1Beta1) {
    return patch::Fail(patch::ErrorKind::kMalformedReview, "/apiVersion",
                       "expected \"admission.k8s.io/v1\" or \"admission.k8s.io/v1beta1\", found " +
                           Quoted(review.api_version));
  }
  return review;
}

Response& Response::WithWarnings(std::vector<std::string> warnings) {
  warnings_ = std::move(warnings);
  return *this;
}

Response& Response::WithAudit(std::string_view key, std::string value) {
  if (!value.empty()) audit_.push_back({key, std::move(value)});
  return *this;
}

Response Allowed() {
  return {};
}

Response Patched(std::string patch) {
  Response response;
  response.patch_ = std::move(patch);
  return response;
}

Response Denied(std::string message) {
  Response response;
  response.allowed_ = false;
  response.message_ = std::move(message);
  return response;
}

Response Errored(std::string message) {
  constexpr int kInternalServerError = 500;
  Response response = Denied(std::move(message));
  response.code_ = kInternalServerError;
  return response;
}

std::string EncodeResponse(const Review& review, const Response& response) {
  std::string text;
  constexpr std::size_t kRoomForTheRest = 1024;
  text.reserve(response.patch_.size() * 4 / 3 + kRoomForTheRest);
  patch::JsonWriter json(text);
  json.BeginObject().Member("kind", kReviewKind).Member("apiVersion", review.api_version);
  json.Key("response").BeginObject();
  json.Member("uid", review.uid).Member("allowed", response.allowed_);
  if (!response.allowed_) {
    json.Key("status").BeginObject().Key("metadata").BeginObject().EndObject();
    json.Member("message", response.message_);
    if (response.code_ != 0) json.Member("code", response.code_);
    json.EndObject();
  }
  if (!response.patch_.empty()) {
    json.Key("patch").Raw("\"");
    k8s::AppendBase64(text, response.patch_);
    text += '"';
    json.Member("patchType", "JSONPatch");
  }
  if (!response.audit_.empty()) {
    json.Key("auditAnnotations").BeginObject();
    for (const AuditAnnotation& annotation : response.audit_) {
      json.Member(annotation.key, annotation.value);
    }
    json.EndObject();
  }
  if (!response.warnings_.empty()) {
    json.Key("warnings").BeginArray();
    for (const std::string& warning : response.warnings_) json.String(warning);
    json.EndArray();
  }
  json.EndObject().EndObject();
  return text;
}

}  // namespace injector::webhook
