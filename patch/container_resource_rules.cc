// Rules on resources and resizePolicy.

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "patch/container_rules.h"
#include "patch/names.h"

namespace injector::patch {
namespace {

using nlohmann::json;

constexpr std::string_view kHugePagesPrefix = "hugepages-";
constexpr std::array<std::string_view, 3> kStandard = {"cpu", "memory", "ephemeral-storage"};
constexpr Quantity::Nanos kOne = 1000000000;
// The server computes with thousandths in 64 bits; beyond that its answer is chance.
constexpr Quantity::Nanos kMostUnits = 9000000000000000 * kOne;

enum class ResourceKind { kUnknown, kDivisible, kHugePages, kExtended };

// What lies beyond the known names is a plug-in's, and never the server's own.
bool IsExtended(std::string_view name) {
  return name.find("kubernetes.io/") == std::string_view::npos && !name.starts_with("requests.") &&
         IsQualifiedName("requests." + std::string(name));
}

ResourceKind KindOf(std::string_view name) {
  if (!IsQualifiedName(name)) return ResourceKind::kUnknown;
  if (name.starts_with(kHugePagesPrefix)) return ResourceKind::kHugePages;
  if (name.find('/') == std::string_view::npos) {
    const bool known = std::find(kStandard.begin(), kStandard.end(), name) != kStandard.end();
    return known ? ResourceKind::kDivisible : ResourceKind::kUnknown;
  }
  if (IsExtended(name)) return ResourceKind::kExtended;
  const bool servers_own = name.find("kubernetes.io/") != std::string_view::npos;
  return servers_own ? ResourceKind::kDivisible : ResourceKind::kUnknown;
}

bool IsWholePages(std::string_view name, const Quantity& amount) {
  const auto page = ParseQuantity(name.substr(kHugePagesPrefix.size()));
  if (!page || page->IsNegative() || page->IsZero()) return false;
  return page->IsMultipleOf(Quantity(kOne)) && amount.IsMultipleOf(*page);
}

void CheckAmount(std::string_view name, const Quantity& amount, const JsonPlace& at,
                 FirstFault& fault) {
  if (amount.IsNegative()) fault.Add(at, "expected 0 or more");
  const ResourceKind kind = KindOf(name);
  if (kind == ResourceKind::kUnknown) {
    fault.Add(at,
              "expected cpu, memory, ephemeral-storage, hugepages-<size> or a name with a "
              "domain such as example.com/gpu");
  }
  if (kind == ResourceKind::kDivisible) return;
  if (amount > Quantity(kMostUnits)) fault.Add(at, "expected at most 9e15");
  if (kind == ResourceKind::kHugePages && !IsWholePages(name, amount)) {
    fault.Add(at, "expected whole pages");
  }
  if (kind == ResourceKind::kExtended && !amount.IsMultipleOf(Quantity(kOne))) {
    fault.Add(at, "expected a whole number");
  }
}

void CheckRequest(std::string_view name, const Quantity& request, const json& limit,
                  const JsonPlace& at, FirstFault& fault) {
  const auto most = QuantityOf(limit);
  const bool exact = KindOf(name) != ResourceKind::kDivisible;
  if (exact && (!most || request != *most)) fault.Add(at, "expected the same as the limit");
  if (most && request > *most) fault.Add(at, "more than the limit");
}

void CheckHugePagesCompany(const json& resources, const JsonPlace& at, FirstFault& fault) {
  bool huge = false;
  bool ordinary = false;
  for (const char* list : {"limits", "requests"}) {
    for (const auto& entry : Field(resources, list).items()) {
      huge = huge || std::string_view(entry.key()).starts_with(kHugePagesPrefix);
      ordinary = ordinary || entry.key() == "cpu" || entry.key() == "memory";
    }
  }
  if (huge && !ordinary) fault.Add(at, "hugepages need cpu or memory beside them");
}

void CheckClaims(const json& resources, const JsonPlace& at, FirstFault& fault) {
  std::set<std::string_view> taken;
  ForEachElement(resources, at, "claims", [&](const json& claim, const JsonPlace& place) {
    const std::string_view name = Text(Field(claim, "name"));
    if (!IsDnsLabel(name)) fault.Add({&place, "name"}, "expected a claim's name, a DNS label");
    // Since 1.31 a name may come again with another request; before it may not.
    if (!taken.insert(name).second) fault.Add({&place, "name"}, "this claim is listed already");
    const std::string_view request = Text(Field(claim, "request"));
    if (!request.empty() && !IsDnsLabel(request)) {
      fault.Add({&place, "request"}, "expected a DNS label");
    }
  });
}

}  // namespace

void CheckResources(const json& container, const JsonPlace& at, FirstFault& fault) {
  const json& resources = Field(container, "resources");
  const JsonPlace place{&at, "resources"};
  const json& limits = Field(resources, "limits");
  for (const char* list : {"limits", "requests"}) {
    const JsonPlace list_place{&place, list};
    for (const auto& [name, value] : Field(resources, list).items()) {
      const auto amount = QuantityOf(value);
      if (!amount) continue;
      const JsonPlace entry{&list_place, name};
      CheckAmount(name, *amount, entry, fault);
      if (list_place.key == "requests") {
        CheckRequest(name, *amount, Field(limits, name.c_str()), entry, fault);
      }
    }
  }
  CheckHugePagesCompany(resources, place, fault);
  CheckClaims(resources, place, fault);
}

void CheckResizePolicy(const json& container, const JsonPlace& at, FirstFault& fault) {
  std::set<std::string_view> taken;
  ForEachElement(container, at, "resizePolicy", [&](const json& policy, const JsonPlace& place) {
    const std::string_view resource = Text(Field(policy, "resourceName"));
    if (resource.empty()) fault.Add({&place, "resourceName"}, "expected cpu or memory, found none");
    if (!taken.insert(resource).second) fault.Add(place, "this resource is listed already");
    if (Text(Field(policy, "restartPolicy")) != "NotRequired") {
      fault.Add({&place, "restartPolicy"},
                "expected NotRequired: pods with restartPolicy Never allow nothing else");
    }
  });
}

}  // namespace injector::patch
