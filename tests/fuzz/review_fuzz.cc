// The bytes of a request to /mutate. A member "components" of the review, which the webhook passes
// over, holds the Components of the pod's namespace, so that the fuzzer changes both together; the
// text's length chooses how the injector was started.

#include <cstdint>
#include <string_view>

#include "tests/fuzz/fuzzed_webhook.h"
#include "tests/fuzz/json_mutator.h"

INJECTOR_FUZZ_JSON

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using nlohmann::json;
  constexpr std::size_t kMostComponents = 12;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const json review = injector::test::ParseForFuzzing(body).value_or(nullptr);
  injector::test::FuzzedCluster cluster{.settings = size};
  if (review.is_object() && review.contains("components") && review["components"].is_array()) {
    for (const json& component : review["components"]) {
      if (cluster.components.size() < kMostComponents) cluster.components.push_back(component);
    }
  }
  injector::test::CheckMutation(body, review, cluster);
  return 0;
}
