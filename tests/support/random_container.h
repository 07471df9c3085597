#pragma once

// Containers as Components may declare them: most are legal, the rest are wrong in one or more
// places, down to text that is no JSON.

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/random_source.h"

namespace injector::test {

// The text of the annotation dapr.io/component-container.
[[nodiscard]] std::string RandomContainerText(RandomSource& random);

// Puts an unlikely value into a place of `value` chosen at random, at any depth.
void Damage(nlohmann::json& value, RandomSource& random);

}  // namespace injector::test
