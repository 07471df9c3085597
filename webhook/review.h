#pragma once

// The AdmissionReview of admission.k8s.io/v1 and v1beta1, which have the same shape: what the API
// server asks, and what it is answered.

#include <string>
#include <string_view>
#include <vector>

#include "patch/json_document.h"
#include "patch/result.h"

namespace injector::webhook {

// Who asks: request.userInfo. All empty when the review names nobody.
struct Caller {
  std::string_view username;
  std::vector<std::string_view> groups;
  std::string_view uid = {};
};

// A review as views into its text.
struct Review {
  std::string_view api_version;  // as received
  std::string_view uid;          // "" when there is none
  std::string_view kind_group;   // request.kind
  std::string_view kind;
  std::string_view sub_resource;
  std::string_view operation;
  std::string_view namespace_name;
  std::string_view name;
  Caller caller;
  patch::JsonValue object;      // of any type
  patch::JsonValue old_object;  // what an UPDATE replaces, of any type; else missing or null
};

// In: a whole request body, parsed. Out: lives as long as the parser's document.
// Errors: kMalformedReview, with the JSON pointer, when a field that we read has the wrong type,
// when there is no request, and for any kind and version but the two that we know.
// Source: k8s.io/api/admission/v1 AdmissionReview. Unknown fields are ignored.
[[nodiscard]] patch::Result<Review> ReadReview(patch::JsonValue root);

struct AuditAnnotation {
  std::string_view key;  // the API server puts the webhook's name before it
  std::string value;
};

// One answer. Made by the four functions below only; warnings and audit annotations are added.
class Response {
 public:
  Response& WithWarnings(std::vector<std::string> warnings);
  // An empty value adds nothing.
  Response& WithAudit(std::string_view key, std::string value);

 private:
  friend Response Allowed();
  friend Response Patched(std::string patch);
  friend Response Denied(std::string message);
  friend Response Errored(std::string message);
  friend std::string EncodeResponse(const Review& review, const Response& response);

  Response() = default;

  bool allowed_ = true;
  int code_ = 0;  // HTTP status for the API server's client; 0: the API server's choice (400)
  std::string message_;
  std::string patch_;
  std::vector<std::string> warnings_;
  std::vector<AuditAnnotation> audit_;
};

// The object passes as it is.
[[nodiscard]] Response Allowed();
// The object passes changed. In: an RFC 6902 document; "" is the same as Allowed().
[[nodiscard]] Response Patched(std::string patch);
// The object is refused; the API server's client sees the message.
[[nodiscard]] Response Denied(std::string message);
// We failed, which is not the object's fault: refused with code 500.
[[nodiscard]] Response Errored(std::string message);

// The JSON text of the AdmissionReview that answers `review`.
[[nodiscard]] std::string EncodeResponse(const Review& review, const Response& response);

}  // namespace injector::webhook
