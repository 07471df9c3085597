#pragma once

// Answers /mutate: an AdmissionReview in, one out. Whatever happens inside, the API server gets an
// answer with the request's uid.

#include <chrono>
#include <functional>
#include <string_view>

#include "patch/admission.h"
#include "patch/settings.h"
#include "webhook/allowed_uids.h"
#include "webhook/caller_policy.h"
#include "webhook/component_source.h"
#include "webhook/http_message.h"
#include "webhook/log.h"
#include "webhook/recorder.h"
#include "webhook/review.h"
#include "webhook/surroundings_source.h"

namespace injector::webhook {

// What the handler works with; all of it outlives the handler.
struct AdmissionParts {
  const patch::Settings& settings;
  const CallerPolicy& callers;
  ComponentSource& components;
  const SurroundingsSource& surroundings;
  Recorder& recorder;
  Log& log;
  const AllowedUids* uids = nullptr;  // null: names and groups alone decide
};

// Threads: safe.
class AdmissionHandler : public HttpHandler {
 public:
  explicit AdmissionHandler(const AdmissionParts& parts) : parts_(parts) {}

  // Refuses with 405, 400 or 415 what is no review sent as JSON; answers every review with 200,
  // also after an exception, which becomes a refusal of the object. Only when that exception came
  // before the review could be read is the answer 500.
  [[nodiscard]] HttpReply Handle(const HttpRequest& request) override;

 private:
  [[nodiscard]] HttpReply AnswerReview(const Review& review,
                                       std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] patch::Admission Judge(const Review& review,
                                       std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] HttpReply AnswerException(const Review* review, std::string_view what);
  // Counts failures now; a success counts once the reply has been sent, by what is returned.
  [[nodiscard]] std::function<void(bool)> Count(const Review& review,
                                                const patch::Admission& admission);

  AdmissionParts parts_;
};

}  // namespace injector::webhook
