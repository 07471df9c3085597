#include "webhook/handler.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "patch/decision.h"
#include "patch/pod_view.h"
#include "webhook/admission_log.h"
#include "webhook/review_request.h"

namespace injector::webhook {
namespace {

using patch::Admission;
using patch::Reason;

constexpr int kInternalServerError = 500;

// The answers of one admission to the planner's questions.
class ReviewSources : public patch::AdmissionSources {
 public:
  ReviewSources(const AdmissionParts& parts, const Review& review,
                std::chrono::steady_clock::time_point deadline)
      : parts_(parts), review_(review), deadline_(deadline) {}

  bool CallerAllowed() override {
    return parts_.callers.Allows(review_.caller) ||
           (parts_.uids != nullptr && parts_.uids->Holds(review_.caller.uid));
  }

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
  HttpReply reply = AnswerReviewRequest(
      request, parts_.log,
      {[&](const Review& review) { return AnswerReview(review, request.deadline); },
       [this](const Review* review, std::string_view what) {
         return AnswerException(review, what);
       }});
  parts_.recorder.Answered(reply.status, std::chrono::steady_clock::now() - begin);
  return reply;
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
  if (review == nullptr) return RefuseRequest(kInternalServerError, kSentence, parts_.log);
  const patch::Decisions decisions = {{Reason::kPodHandlerFailed, "", std::string(kSentence)}};
  parts_.recorder.Decided(decisions);
  parts_.recorder.InjectionFailed("", InjectionFailure::kPatch);
  Response response = Errored(std::string(kSentence));
  response.WithAudit("decision", std::string(Describe(Reason::kPodHandlerFailed).id));
  return JsonReply(EncodeResponse(*review, response));
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
