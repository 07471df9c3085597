#pragma once

// One pod, the Components of its namespace, and the settings of an injector, all from one seed.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "patch/admission.h"
#include "tests/support/random_source.h"

namespace injector::test {

class RandomPair {
 public:
  explicit RandomPair(std::uint64_t seed);

  // As the webhook would answer, for this pair's settings.
  // In: `pod` may be another one than this pair's, `components` in any order.
  [[nodiscard]] patch::Admission Admit(const nlohmann::json& pod,
                                       const std::vector<nlohmann::json>& components);

  [[nodiscard]] const nlohmann::json& pod() const { return pod_; }
  [[nodiscard]] const std::vector<nlohmann::json>& components() const { return components_; }

  // What comes after the parts above in the seed's sequence.
  [[nodiscard]] RandomSource& random() { return random_; }

 private:
  RandomSource random_;
  nlohmann::json pod_;
  std::vector<nlohmann::json> components_;
  patch::Settings settings_;
  patch::Surroundings surroundings_;
  patch::JsonParser parser_;
};

}  // namespace injector::test
