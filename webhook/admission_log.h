#pragma once

// What the log says of an admission. Pods that did not opt in leave no line.

#include <string>
#include <string_view>

#include "patch/admission.h"
#include "webhook/log.h"
#include "webhook/review.h"

namespace injector::webhook {

// Writes one line on who asked for what, then one on the verdict, then one on each warning; what
// went as asked is written at debug level. A line is made only when its level is written.
void LogAdmission(Log& log, const Review& review, const patch::Admission& admission);

// Writes a line on a decision about a Component that somebody wrote.
void LogComponent(Log& log, const Review& review, const patch::Decision& decision, bool denied);

// The line on an exception while `review` (null: none was read) was answered.
[[nodiscard]] std::string DescribeException(const Review* review, std::string_view what);

}  // namespace injector::webhook
