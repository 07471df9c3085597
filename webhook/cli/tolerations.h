#pragma once

// IGNORE_ENTRYPOINT_TOLERATIONS: the tolerations of pods whose daprd gets a command of its own.

#include <string_view>
#include <vector>

#include "patch/result.h"
#include "patch/settings.h"

namespace injector::webhook {

// In: a JSON array of core/v1 Tolerations.
// Errors: kMalformedJson; kMalformedObject for a field of the wrong type.
[[nodiscard]] patch::Result<std::vector<patch::Toleration>> ParseTolerations(std::string_view text);

}  // namespace injector::webhook
