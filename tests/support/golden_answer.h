#pragma once

// Two ways to ask for the answer of a golden case, which must say the same: the planner itself and
// the webhook's handler. golden_command_line.h has the third.

#include <nlohmann/json.hpp>
#include <string>

#include "patch/admission.h"
#include "tests/support/golden_case.h"

namespace injector::test {

// Throws when `review` is no review.
[[nodiscard]] patch::Admission AskPlanner(const GoldenCase& golden, const std::string& review);

// The body of the webhook's reply.
[[nodiscard]] std::string AskWebhook(const GoldenCase& golden);

// The response in the body of a reply, with its patch decoded to JSON.
[[nodiscard]] nlohmann::ordered_json ResponseIn(const std::string& body);

}  // namespace injector::test
