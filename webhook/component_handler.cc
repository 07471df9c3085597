#include "webhook/component_handler.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "patch/component.h"
#include "patch/component_review.h"
#include "patch/reason.h"
#include "webhook/admission_log.h"
#include "webhook/review_request.h"

namespace injector::webhook {
namespace {

using nlohmann::json;
using patch::Decisions;
using patch::JsonType;
using patch::JsonValue;
using patch::Severity;

constexpr int kOk = 200;
constexpr int kInternalServerError = 500;
constexpr std::size_t kLongestSentence = 1024;

// An update carries the object twice, each at most the 1.5 MiB that etcd takes; as parsed JSON it
// could be several times that.
constexpr std::size_t kLongestReview = std::size_t{3} << 20;
constexpr std::string_view kTooLong =
    "the injector does not look at Components whose review is longer than 3 MiB";

bool IsWrittenComponent(const Review& review) {
  return review.kind == "Component" && review.kind_group == "dapr.io" &&
         review.sub_resource.empty() &&
         (review.operation == "CREATE" || review.operation == "UPDATE");
}

// A list or an object without its members.
json Shallow(JsonValue value) {
  switch (value.Type()) {
    case JsonType::kMissing:
    case JsonType::kNull:
      return nullptr;
    case JsonType::kBool:
      return value.IsTrue();
    case JsonType::kNumber:
      return value.Integer().value_or(0);
    case JsonType::kString:
      return std::string(value.String());
    case JsonType::kArray:
      return json::array();
    case JsonType::kObject:
      return json::object();
  }
  return nullptr;
}

// The object with these of its members.
json WithMembers(JsonValue object, std::initializer_list<std::string_view> keys) {
  json copy = Shallow(object);
  for (const std::string_view key : keys) {
    const JsonValue value = object.Find(key);
    if (value.Type() != JsonType::kMissing) copy[std::string(key)] = Shallow(value);
  }
  return copy;
}

// One that gets its name from the API server is called by what that begins with.
json MetadataOf(JsonValue metadata) {
  json copy = WithMembers(metadata, {"name", "namespace", "resourceVersion"});
  if (!copy.is_object()) return copy;
  if (!copy.contains("name")) copy["name"] = Shallow(metadata.Find("generateName"));
  const JsonValue annotations = metadata.Find("annotations");
  json& texts = copy["annotations"] = Shallow(annotations);
  annotations.ForEachMember([&](std::string_view key, JsonValue value) {
    if (key.find("dapr.io/") != key.npos) texts[std::string(key)] = Shallow(value);
  });
  return copy;
}

// What a Component is read from. The rest, which may be large and of any shape, is not copied.
json ObjectOf(JsonValue object) {
  json copy = Shallow(object);
  if (!copy.is_object()) return copy;
  copy["metadata"] = MetadataOf(object.Find("metadata"));
  copy["spec"] = WithMembers(object.Find("spec"), {"type", "version", "ignoreErrors"});
  const JsonValue scopes = object.Find("scopes");
  json& list = copy["scopes"] = Shallow(scopes);
  scopes.ForEachElement([&](JsonValue scope) { list.push_back(Shallow(scope)); });
  return copy;
}

Decisions Judge(JsonValue component) {
  return JudgeComponent(patch::ParseComponent(ObjectOf(component)));
}

// Unusable whatever the pod: the verdict says so.
bool IsUnusable(const Decisions& decisions) {
  if (decisions.empty()) return false;
  const patch::ReasonInfo& first = Describe(decisions.front().reason);
  return first.verdict && first.severity == Severity::kNotGiven;
}

JsonValue ContainerOf(JsonValue component) {
  return component.Find("metadata").Find("annotations").Find("dapr.io/component-container");
}

// Whether the Component was there as it is and nobody makes it worse. Refusing its updates would
// keep it from losing its finalizers, and so its namespace from being deleted.
bool WasThereBefore(const Review& review) {
  if (review.operation != "UPDATE") return false;
  const JsonValue deleted = review.old_object.Find("metadata").Find("deletionTimestamp");
  if (deleted.Type() == JsonType::kString) return true;
  const JsonValue before = ContainerOf(review.old_object);
  const JsonValue now = ContainerOf(review.object);
  return before.Type() == now.Type() && before.String() == now.String() &&
         IsUnusable(Judge(review.old_object));
}

std::string Denial(const patch::Decision& decision) {
  std::string message = SentenceOf(decision).substr(0, kLongestSentence);
  message.append("; ").append(Describe(decision.reason).advice);
  return message.append(" [").append(Describe(decision.reason).id).append("]");
}

}  // namespace

HttpReply ComponentHandler::Handle(const HttpRequest& request) {
  HttpReply reply =
      AnswerReviewRequest(request, log_,
                          {[&](const Review& review) { return Answer(review, request.body); },
                           [this](const Review* review, std::string_view what) {
                             return AnswerException(review, what);
                           }});
  if (reply.status != kOk) recorder_.ComponentReviewed(ComponentOutcome::kRefused);
  return reply;
}

HttpReply ComponentHandler::Answer(const Review& review, std::string_view body) {
  if (validation_ == ComponentValidation::kOff || !IsWrittenComponent(review)) {
    recorder_.ComponentReviewed(ComponentOutcome::kAllowed);
    return JsonReply(EncodeResponse(review, Allowed()));
  }
  if (body.size() > kLongestReview) return AllowUnseen(review, kTooLong);
  const Decisions decisions = Judge(review.object);
  const bool denied =
      validation_ == ComponentValidation::kDeny && IsUnusable(decisions) && !WasThereBefore(review);
  Response response = denied ? Denied(Denial(decisions.front())) : Allowed();
  std::vector<std::string> warnings =
      denied ? std::vector<std::string>() : BuildWarnings(decisions);
  const bool warned = !warnings.empty();
  Record(review, decisions,
         denied   ? ComponentOutcome::kDenied
         : warned ? ComponentOutcome::kWarned
                  : ComponentOutcome::kAllowed);
  response.WithWarnings(std::move(warnings));
  if (denied || warned) {
    response.WithAudit("decision", std::string(Describe(decisions.front().reason).id));
  }
  return JsonReply(EncodeResponse(review, response));
}

HttpReply ComponentHandler::AnswerException(const Review* review, std::string_view what) {
  constexpr std::string_view kSentence = "the injector failed on this request; its log says more";
  recorder_.HandlerThrew();
  if (log_.Writes(LogLevel::kError)) {
    log_.Write(LogLevel::kError, kServiceScope, DescribeException(review, what));
  }
  if (review == nullptr) return RefuseRequest(kInternalServerError, kSentence, log_);
  return AllowUnseen(*review, kSentence);
}

HttpReply ComponentHandler::AllowUnseen(const Review& review, std::string_view sentence) {
  recorder_.ComponentReviewed(ComponentOutcome::kWarned);
  Response response = Allowed();
  response.WithWarnings({std::string(sentence)});
  return JsonReply(EncodeResponse(review, response));
}

void ComponentHandler::Record(const Review& review, const Decisions& decisions,
                              ComponentOutcome outcome) {
  recorder_.ComponentReviewed(outcome);
  if (outcome == ComponentOutcome::kAllowed) return;
  for (const patch::Decision& decision : decisions) {
    if (Describe(decision.reason).severity < Severity::kWarning) continue;
    LogComponent(log_, review, decision, outcome == ComponentOutcome::kDenied);
  }
}

}  // namespace injector::webhook
