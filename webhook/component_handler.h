#pragma once

// Answers /validate-component: an AdmissionReview of a Component that is created or changed, for
// its author: what an admission would say of it, before any pod asks.

#include <string_view>

#include "patch/decision.h"
#include "webhook/http_message.h"
#include "webhook/log.h"
#include "webhook/recorder.h"
#include "webhook/review.h"

namespace injector::webhook {

// What becomes of a Component whose container no pod could have.
enum class ComponentValidation {
  kWarn,  // it is written, with a warning
  kDeny,  // it is refused, unless it was there with the same container or is being deleted
  kOff,   // it is written without a word
};

// Threads: safe.
class ComponentHandler : public HttpHandler {
 public:
  // Recorder and log outlive the handler.
  ComponentHandler(ComponentValidation validation, Recorder& recorder, Log& log)
      : validation_(validation), recorder_(recorder), log_(log) {}

  // Refuses what is no review as AdmissionHandler does. Objects of other kinds, other operations
  // and parts of objects are allowed; so is, with a warning, what is longer than any API server
  // keeps, and everything when we fail: what is unusable is refused once more at each pod.
  [[nodiscard]] HttpReply Handle(const HttpRequest& request) override;

 private:
  [[nodiscard]] HttpReply Answer(const Review& review, std::string_view body);
  [[nodiscard]] HttpReply AnswerException(const Review* review, std::string_view what);
  [[nodiscard]] HttpReply AllowUnseen(const Review& review, std::string_view sentence);
  void Record(const Review& review, const patch::Decisions& decisions, ComponentOutcome outcome);

  const ComponentValidation validation_;
  Recorder& recorder_;
  Log& log_;
};

}  // namespace injector::webhook
