// Random pods with random Components through the whole planner. Whatever goes in: the patch
// applies by another implementation of RFC 6902 than ours, the pod stays valid and keeps what it
// had, a second pass changes nothing, and the same input gives the same bytes.
//
// PROPERTY_PAIRS sets how many pairs each test tries, PROPERTY_SEED where the second one begins: a
// failure names the seed of its pair, so PROPERTY_SEED=<that> PROPERTY_PAIRS=1 repeats it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "patch/admission.h"
#include "tests/support/pod_invariants.h"
#include "tests/support/random_pod.h"
#include "tests/support/random_source.h"

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

class FixedSources : public patch::AdmissionSources {
 public:
  FixedSources(patch::ComponentList components, patch::Surroundings surroundings)
      : components_(std::make_shared<const patch::ComponentList>(std::move(components))),
        surroundings_(std::make_shared<const patch::Surroundings>(std::move(surroundings))) {}

  bool CallerAllowed() override { return true; }
  patch::Result<patch::ComponentLook> Components(const std::vector<std::string>&) override {
    return patch::ComponentLook{components_};
  }
  std::shared_ptr<const patch::Surroundings> CurrentSurroundings() override {
    return surroundings_;
  }

 private:
  std::shared_ptr<const patch::ComponentList> components_;
  std::shared_ptr<const patch::Surroundings> surroundings_;
};

patch::Settings RandomSettings(RandomSource& random) {
  constexpr patch::Placement kPlacements[] = {patch::Placement::kAuto, patch::Placement::kSidecar,
                                              patch::Placement::kContainer};
  constexpr patch::StatusAnnotation kStatus[] = {patch::StatusAnnotation::kOff,
                                                 patch::StatusAnnotation::kComponents,
                                                 patch::StatusAnnotation::kAll};
  patch::Settings settings;
  settings.control_plane_namespace = "dapr-system";
  settings.sidecar_image = "r/daprd:1";
  settings.native_sidecar = random.Chance(30);
  settings.drop_all_capabilities = random.Chance(30);
  if (random.Chance(30)) settings.run_as_user = 1000;
  settings.ordering.placement = random.Pick(kPlacements);
  if (random.Chance(30)) settings.ordering.init_position = patch::InitPosition::kFirst;
  if (random.Chance(80)) settings.wait_image = "r/component-injector:1";
  settings.status_annotation = random.Pick(kStatus);
  return settings;
}

patch::Surroundings RandomSurroundings(RandomSource& random) {
  patch::Surroundings surroundings;
  surroundings.trust_anchors = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
  surroundings.mtls_enabled = random.Chance(90);
  surroundings.identity_token = random.Chance(90);
  if (random.Chance(80)) surroundings.server_minor = random.Chance(70) ? 36 : 31;
  return surroundings;
}

std::vector<json> RandomComponents(RandomSource& random) {
  std::vector<json> components;
  for (std::size_t i = random.Below(5); i > 0; --i) {
    components.push_back(RandomComponent(random, "component-" + std::to_string(i - 1)));
  }
  return components;
}

// By name, as every source hands them out.
patch::ComponentList Parse(const std::vector<json>& objects) {
  patch::ComponentList list;
  for (const json& object : objects) {
    list.push_back(std::make_shared<const patch::Component>(patch::ParseComponent(object)));
  }
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  return list;
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
  Pair(std::uint64_t seed, Tally& tally)
      : random_(seed),
        tally_(tally),
        pod_(RandomPod(random_)),
        components_(RandomComponents(random_)),
        settings_(RandomSettings(random_)),
        surroundings_(RandomSurroundings(random_)) {}

  void Check() {
    const patch::ComponentList components = Parse(components_);
    const patch::Admission first = Admit(pod_, components);
    Count(first);
    if (!first.allowed) {
      EXPECT_TRUE(first.patch.empty()) << "a refused pod gets no patch";
      EXPECT_FALSE(first.message.empty()) << "a refusal says why";
      return;
    }
    if (random_.Chance(25)) CheckRepetition(first);
    if (first.patch.empty()) return;
    const std::optional<json> patched = Patched(first.patch);
    if (!patched) return;
    for (const std::string& rule : BrokenInvariants(pod_, *patched)) ADD_FAILURE() << rule;
    EXPECT_EQ(Admit(*patched, components).patch, "") << "a second pass changes the pod";
  }

  [[nodiscard]] std::string Describe() const {
    std::string text = "pod: " + pod_.dump();
    for (const json& component : components_) text += "\ncomponent: " + component.dump();
    return text;
  }

 private:
  patch::Admission Admit(const json& pod, const patch::ComponentList& components) {
    FixedSources sources(components, surroundings_);
    const std::string text = pod.dump();
    const auto parsed = parser_.Parse(text);
    EXPECT_TRUE(parsed.has_value());
    const patch::AdmissionRequest request{*parsed, "shop"};
    return patch::AdmitPod(request, sources, settings_);
  }

  // Once more, from other memory and with the Components found in another order.
  void CheckRepetition(const patch::Admission& first) {
    ShuffleComponents();
    const patch::Admission again = Admit(pod_, Parse(components_));
    EXPECT_EQ(again.patch, first.patch) << "the same input gave another patch";
    EXPECT_EQ(again.status, first.status) << "the same input gave another status";
  }

  void ShuffleComponents() {
    for (std::size_t i = components_.size(); i > 1; --i) {
      std::swap(components_[i - 1], components_[random_.Below(i)]);
    }
  }

  [[nodiscard]] std::optional<json> Patched(const std::string& patch) const {
    try {
      return pod_.patch(json::parse(patch));
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

  RandomSource random_;
  Tally& tally_;
  patch::JsonParser parser_;
  json pod_;
  std::vector<json> components_;
  patch::Settings settings_;
  patch::Surroundings surroundings_;
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
