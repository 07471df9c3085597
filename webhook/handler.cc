#include "webhook/handler.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "patch/annotation_values.h"
#include "patch/decision.h"
#include "patch/json_document.h"
#include "patch/pod_view.h"
#include "webhook/admission_log.h"

namespace injector::webhook {
namespace {

using patch::Admission;
using patch::Reason;

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kMethodNotAllowed = 405;
constexpr int kUnsupportedMediaType = 415;
constexpr int kInternalServerError = 500;

constexpr std::string_view kJson = "application/json";

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// Parameters such as `; charset=utf-8` do not matter: JSON is UTF-8.
bool IsJson(std::string_view content_type) {
  return EqualsIgnoringCase(patch::Trim(content_type.substr(0, content_type.find(';'))), kJson);
}

bool IsIdentity(std::string_view content_encoding) {
  const std::string_view encoding = patch::Trim(content_encoding);
  return encoding.empty() || EqualsIgnoringCase(encoding, "identity");
}

HttpReply JsonReply(std::string body) {
  HttpReply reply;
  reply.status = kOk;
  reply.content_type = kJson;
  reply.body = std::move(body);
  return reply;
}

// An idle connection must not hold what its largest review needed.
class ShrinksAtTheEnd {
 public:
  explicit ShrinksAtTheEnd(patch::JsonParser& parser) : parser_(parser) {}
  ~ShrinksAtTheEnd() { parser_.Shrink(); }
  ShrinksAtTheEnd(const ShrinksAtTheEnd&) = delete;
  ShrinksAtTheEnd& operator=(const ShrinksAtTheEnd&) = delete;

 private:
  patch::JsonParser& parser_;
};

// The answers of one admission to the planner's questions.
class ReviewSources : public patch::AdmissionSources {
 public:
  ReviewSources(const AdmissionParts& parts, const Review& review,
                std::chrono::steady_clock::time_point deadline)
      : parts_(parts), review_(review), deadline_(deadline) {}

  bool CallerAllowed() override { return parts_.callers.Allows(review_.caller); }

  patch::Result<patch::ComponentLook> Components(
      const std::vector<std::string>& required) override {
    return parts_.components.Components(review_.namespace_name, required, deadline_);
  }

  std::shared_ptr<const patch::Surroundings> CurrentSurroundings() override {
    return parts_.surroundings.Current();
  }

 private:
  const AdmissionParts& parts_;
  const Review& review_;
  std::chrono::steady_clock::time_point deadline_;
};

Admission LeftAlone(Reason reason, std::string text) {
  Admission admission;
  admission.decisions.push_back({reason, "", std::move(text)});
  return admission;
}

// Dapr's label: the annotation when it is there, even empty, else the pod's name.
std::string AppIdLabel(const Review& review, const Admission& admission) {
  if (admission.Verdict() == Reason::kPodMalformed) return {};
  const auto metadata = patch::ReadPodMetadata(review.object);
  if (!metadata) return {};
  const std::string_view* app_id = FindAnnotation(metadata->annotations, "dapr.io/app-id");
  return std::string(app_id != nullptr ? *app_id : metadata->name);
}

// Which of Dapr's failures a verdict is, if any.
std::optional<InjectionFailure> FailureOf(const Admission& admission) {
  const Reason verdict = admission.Verdict();
  if (verdict == Reason::kPodNotAPod || verdict == Reason::kPodCallerNotAllowed) {
    return InjectionFailure::kPodPatch;
  }
  if (!admission.allowed) return InjectionFailure::kPatch;
  return std::nullopt;
}

Response ResponseTo(Admission& admission) {
  Response response = admission.allowed ? Patched(std::move(admission.patch))
                                        : Denied(std::move(admission.message));
  response.WithWarnings(BuildWarnings(admission.decisions));
  response.WithAudit("decision", std::string(Describe(admission.Verdict()).id));
  response.WithAudit("components", std::move(admission.status));
  return response;
}

}  // namespace

HttpReply AdmissionHandler::Handle(const HttpRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  parts_.recorder.RequestReceived();
  HttpReply reply = Answer(request);
  parts_.recorder.Answered(reply.status, std::chrono::steady_clock::now() - begin);
  return reply;
}

HttpReply AdmissionHandler::Answer(const HttpRequest& request) {
  thread_local patch::JsonParser parser;  // its buffers serve one review after the other
  const ShrinksAtTheEnd shrinks(parser);
  std::optional<Review> review;
  std::string what = "unknown exception";
  try {
    if (auto refusal = RefuseRequest(request)) return *std::move(refusal);
    const auto root = parser.Parse(request.body);
    if (!root) return Refuse(kBadRequest, "malformed JSON: " + root.error().Text());
    auto read = ReadReview(*root);
    if (!read) return Refuse(kBadRequest, "malformed AdmissionReview: " + read.error().Text());
    review = *std::move(read);
    return AnswerReview(*review, request.deadline);
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    // Nothing more is known of it.
  }
  return AnswerException(review ? &*review : nullptr, what);
}

std::optional<HttpReply> AdmissionHandler::RefuseRequest(const HttpRequest& request) {
  if (request.method != "POST") {
    HttpReply reply = Refuse(kMethodNotAllowed, "method not allowed, expected POST");
    reply.headers.emplace_back("Allow", "POST");
    return reply;
  }
  if (request.body.empty()) return Refuse(kBadRequest, "empty body");
  if (!IsJson(request.content_type)) {
    return Refuse(kUnsupportedMediaType, "invalid Content-Type, expected `application/json`");
  }
  if (!IsIdentity(request.content_encoding)) {
    return Refuse(kUnsupportedMediaType, "invalid Content-Encoding, expected `identity`");
  }
  return std::nullopt;
}

HttpReply AdmissionHandler::AnswerReview(const Review& review,
                                         std::chrono::steady_clock::time_point deadline) {
  Admission admission = Judge(review, deadline);
  parts_.recorder.Decided(admission.decisions);
  LogAdmission(parts_.log, review, admission);
  auto written = Count(review, admission);
  HttpReply reply = JsonReply(EncodeResponse(review, ResponseTo(admission)));
  reply.written = std::move(written);
  return reply;
}

Admission AdmissionHandler::Judge(const Review& review,
                                  std::chrono::steady_clock::time_point deadline) {
  if (review.kind != "Pod" || !review.kind_group.empty()) {
    return LeftAlone(Reason::kPodNotAPod, "the review is not about a Pod");
  }
  if (review.operation != "CREATE" || !review.sub_resource.empty()) {
    return LeftAlone(Reason::kPodNotACreate, "the review is not about the creation of a Pod");
  }
  ReviewSources sources(parts_, review, deadline);
  return AdmitPod({review.object, review.namespace_name}, sources, parts_.settings);
}

HttpReply AdmissionHandler::AnswerException(const Review* review, std::string_view what) {
  constexpr std::string_view kSentence = "the injector failed on this request; its log says more";
  parts_.recorder.HandlerThrew();
  if (parts_.log.Writes(LogLevel::kError)) {
    parts_.log.Write(LogLevel::kError, kServiceScope, DescribeException(review, what));
  }
  if (review == nullptr) return Refuse(kInternalServerError, kSentence);
  const patch::Decisions decisions = {{Reason::kPodHandlerFailed, "", std::string(kSentence)}};
  parts_.recorder.Decided(decisions);
  parts_.recorder.InjectionFailed("", InjectionFailure::kPatch);
  Response response = Errored(std::string(kSentence));
  response.WithAudit("decision", std::string(Describe(Reason::kPodHandlerFailed).id));
  return JsonReply(EncodeResponse(*review, response));
}

HttpReply AdmissionHandler::Refuse(int status, std::string_view sentence) {
  if (parts_.log.Writes(LogLevel::kWarning)) {
    parts_.log.Write(
        LogLevel::kWarning, kServiceScope,
        "request refused with " + std::to_string(status) + ": " + std::string(sentence));
  }
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = std::string(sentence) + "\n";
  reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return reply;
}

std::function<void(bool)> AdmissionHandler::Count(const Review& review,
                                                  const Admission& admission) {
  if (const auto failure = FailureOf(admission)) {
    parts_.recorder.InjectionFailed(AppIdLabel(review, admission), *failure);
  }
  if (admission.Verdict() != Reason::kPodInjected) return nullptr;
  return [&recorder = parts_.recorder, app_id = AppIdLabel(review, admission)](bool written) {
    if (written) return recorder.InjectionSucceeded(app_id);
    recorder.InjectionFailed(app_id, InjectionFailure::kWriteResponse);
  };
}

}  // namespace injector::webhook
