#pragma once

// `component-injector review`: what the webhook would answer, without the network.

#include <iosfwd>

#include "webhook/caller_policy.h"
#include "webhook/cli/common_options.h"

namespace injector::webhook {

struct ReviewOptions {
  CommonOptions common;
  CallerPolicy callers = CallerPolicy::Everyone();
};

// Reads one AdmissionReview from `in` and writes the bytes of the webhook's response to `out`.
// Returns the exit code: 0 when there is a response, also a denial; 2, with the text of the
// webhook's 400 on `err`, when there is none, and when resources cannot be read.
[[nodiscard]] int RunReview(const ReviewOptions& options, std::istream& in, std::ostream& out,
                            std::ostream& err);

}  // namespace injector::webhook
