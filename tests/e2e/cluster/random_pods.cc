// Prints random pods with random Components and the planner's answer, one JSON object a line, for
// the tests that show them to a real API server.
// Usage: random_pods SEED COUNT

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/support/random_pair.h"

namespace injector::test {
namespace {

using nlohmann::json;

json Describe(std::uint64_t seed) {
  RandomPair pair(seed);
  const patch::Admission admission = pair.Admit(pair.pod(), pair.components());
  json line = {{"seed", seed}, {"pod", pair.pod()}, {"components", pair.components()}};
  line["allowed"] = admission.allowed;
  line["patch"] = admission.patch.empty() ? json::array() : json::parse(admission.patch);
  return line;
}

}  // namespace
}  // namespace injector::test

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: random_pods SEED COUNT\n";
    return 2;
  }
  const std::uint64_t seed = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  for (std::uint64_t i = 0; i < count; ++i) {
    // Text of a hostile Component need not be UTF-8.
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
    std::cout << injector::test::Describe(seed + i).dump(-1, ' ', false, kReplace) << "\n";
  }
  return 0;
}
