// Random pods with random Components through the whole planner. Whatever goes in: the patch
// applies by another implementation of RFC 6902 than ours, the pod stays valid and keeps what it
// had, a second pass changes nothing, and the same input gives the same bytes.
//
// PROPERTY_PAIRS sets how many pairs each test tries, PROPERTY_SEED where the second one begins: a
// failure names the seed of its pair, so PROPERTY_SEED=<that> PROPERTY_PAIRS=1 repeats it.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "patch/admission.h"
#include "tests/support/pod_invariants.h"
#include "tests/support/random_pair.h"

namespace injector::test {
namespace {

using nlohmann::json;

// Pairs of each test. A build without optimisation takes ten times as long; what it is for, the
// sanitizers, is worth the wait.
#if defined(NDEBUG)
constexpr std::uint64_t kPairs = 100000;
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kPairs = 10000;
#else
constexpr std::uint64_t kPairs = 2000;
#endif

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// How often the interesting things happened: a generator that never gets there proves nothing.
struct Tally {
  std::uint64_t patched = 0;
  std::uint64_t components = 0;
  std::uint64_t faulty_components = 0;
  std::uint64_t denied = 0;
};

// One pod with the Components of its namespace.
class Pair {
 public:
  Pair(std::uint64_t seed, Tally& tally) : pair_(seed), tally_(tally) {}

  void Check() {
    const patch::Admission first = pair_.Admit(pair_.pod(), pair_.components());
    Count(first);
    if (!first.allowed) {
      EXPECT_TRUE(first.patch.empty()) << "a refused pod gets no patch";
      EXPECT_FALSE(first.message.empty()) << "a refusal says why";
      return;
    }
    if (pair_.random().Chance(25)) CheckRepetition(first);
    if (first.patch.empty()) return;
    const std::optional<json> patched = Patched(first.patch);
    if (!patched) return;
    for (const std::string& rule : BrokenInvariants(pair_.pod(), *patched)) ADD_FAILURE() << rule;
    EXPECT_EQ(pair_.Admit(*patched, pair_.components()).patch, "") << "a second pass changes it";
  }

  [[nodiscard]] std::string Describe() const {
    std::string text = "pod: " + pair_.pod().dump();
    for (const json& component : pair_.components()) text += "\ncomponent: " + component.dump();
    return text;
  }

 private:
  // Once more, from other memory and with the Components found in another order.
  void CheckRepetition(const patch::Admission& first) {
    const patch::Admission again = pair_.Admit(pair_.pod(), Shuffled(pair_.components()));
    EXPECT_EQ(again.patch, first.patch) << "the same input gave another patch";
    EXPECT_EQ(again.status, first.status) << "the same input gave another status";
  }

  [[nodiscard]] std::vector<json> Shuffled(std::vector<json> components) {
    for (std::size_t i = components.size(); i > 1; --i) {
      std::swap(components[i - 1], components[pair_.random().Below(i)]);
    }
    return components;
  }

  [[nodiscard]] std::optional<json> Patched(const std::string& patch) const {
    try {
      return pair_.pod().patch(json::parse(patch));
    } catch (const json::exception& error) {
      ADD_FAILURE() << "the patch does not apply: " << error.what() << "\n" << patch;
      return std::nullopt;
    }
  }

  void Count(const patch::Admission& admission) {
    if (!admission.allowed) ++tally_.denied;
    if (!admission.patch.empty()) ++tally_.patched;
    for (const patch::Decision& decision : admission.decisions) {
      if (decision.reason == patch::Reason::kComponentInjected) ++tally_.components;
      if (decision.reason == patch::Reason::kComponentInvalidContainer) ++tally_.faulty_components;
    }
  }

  RandomPair pair_;
  Tally& tally_;
};

Tally CheckPairs(std::uint64_t seed, std::uint64_t pairs) {
  Tally tally;
  std::cout << "PROPERTY_SEED=" << seed << " PROPERTY_PAIRS=" << pairs << "\n";
  for (std::uint64_t i = 0; i < pairs && !testing::Test::HasFailure(); ++i) {
    Pair pair(seed + i, tally);
    pair.Check();
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "repeat with PROPERTY_SEED=" << seed + i << " PROPERTY_PAIRS=1\n"
                    << pair.Describe();
    }
  }
  std::cout << tally.patched << " pods patched, " << tally.denied << " denied, " << tally.components
            << " components injected, " << tally.faulty_components << " refused as invalid\n";
  return tally;
}

TEST(Property, SamePairsEachTimeHoldAllInvariants) {
  const std::uint64_t pairs = FromEnvironment("PROPERTY_PAIRS", kPairs);
  const Tally tally = CheckPairs(/*seed=*/1, pairs);
  if (pairs < 1000) return;
  EXPECT_GE(tally.patched, pairs / 2) << "most pods should reach the planner's end";
  EXPECT_GE(tally.components, pairs / 2) << "components should be injected in good numbers";
  EXPECT_GE(tally.faulty_components, pairs / 10) << "faulty ones should be among them";
}

TEST(Property, NewPairsEachTimeHoldAllInvariants) {
  const std::uint64_t fresh = std::random_device{}();
  CheckPairs(FromEnvironment("PROPERTY_SEED", fresh << 20U),
             FromEnvironment("PROPERTY_PAIRS", kPairs));
}

}  // namespace
}  // namespace injector::test
