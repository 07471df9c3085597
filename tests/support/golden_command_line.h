#pragma once

// The third way to ask for the answer of a golden case: the offline commands, with files and flags
// for what surrounds the case.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/support/golden_case.h"

namespace injector::test {

// The case with what a file can say: trust anchors that look like a certificate.
// Out: nothing when the case has no such form: trust anchors missing, a server of unknown version,
// Components that cannot be looked up.
[[nodiscard]] std::optional<GoldenCase> AsFiles(const GoldenCase& golden);

// What `review` prints. In: a case from AsFiles. Throws when there is no response.
[[nodiscard]] std::string AskReview(const GoldenCase& golden);

// What `inject` makes of the case's pod as a manifest. In: a case from AsFiles.
// Throws when it cannot be read.
[[nodiscard]] nlohmann::json AskInject(const GoldenCase& golden);

}  // namespace injector::test
