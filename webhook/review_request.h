#pragma once

// What every handler of AdmissionReviews does before it looks at the object: refuses what is no
// review sent as JSON, reads the review, and turns an exception into an answer.

#include <functional>
#include <string>
#include <string_view>

#include "webhook/http_message.h"
#include "webhook/log.h"
#include "webhook/review.h"

namespace injector::webhook {

// The two things that a handler does itself.
struct ReviewAnswers {
  std::function<HttpReply(const Review&)> review;
  // After an exception. In: null when it came before the review could be read.
  std::function<HttpReply(const Review*, std::string_view what)> exception;
};

// Answers with 405, 400 or 415, and a line in the log, what is no review sent as JSON.
// Threads: safe.
[[nodiscard]] HttpReply AnswerReviewRequest(const HttpRequest& request, Log& log,
                                            const ReviewAnswers& answers);

// A refusal as text, and its line in the log.
[[nodiscard]] HttpReply RefuseRequest(int status, std::string_view sentence, Log& log);

// The answer 200 with a review.
[[nodiscard]] HttpReply JsonReply(std::string body);

}  // namespace injector::webhook
