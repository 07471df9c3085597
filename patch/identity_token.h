#pragma once

// The projected volume that holds the token with which daprd asks Sentry for its certificate.

#include <string>
#include <string_view>

#include "patch/settings.h"

namespace injector::patch {

inline constexpr std::string_view kIdentityTokenVolume = "dapr-identity-token";

// Returns the JSON of a core/v1 Volume.
// Source: Dapr 1.18 pkg/injector; the audience is Sentry's SPIFFE id, the lifetime two hours.
[[nodiscard]] std::string BuildIdentityTokenVolume(const Settings& settings);

}  // namespace injector::patch
