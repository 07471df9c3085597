#pragma once

// Pods and Components at random. A pod's own names are unique, as the API server demands; what it
// asks of the injector, and now and then the type of a field, may be anything.

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/random_source.h"

namespace injector::test {

[[nodiscard]] nlohmann::json RandomPod(RandomSource& random);

// In: names of Components are unique in a namespace, so the caller gives them.
[[nodiscard]] nlohmann::json RandomComponent(RandomSource& random, const std::string& name);

}  // namespace injector::test
