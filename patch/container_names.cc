#include "patch/container_names.h"

#include "patch/names.h"

namespace injector::patch {
namespace {

constexpr std::size_t kMaxLabel = 63;

std::string WithSuffix(std::string_view label, int number) {
  const std::string suffix = "-" + std::to_string(number);
  std::string name(label.substr(0, kMaxLabel - suffix.size()));
  while (name.ends_with('-')) name.pop_back();
  return name + suffix;
}

}  // namespace

ContainerNames::ContainerNames(const PodView& pod) {
  held_.emplace("daprd", 2);
  for (const auto* list : {&pod.containers, &pod.init_containers}) {
    for (const ContainerView& container : *list) held_.emplace(container.name, 2);
  }
}

std::string ContainerNames::Take(std::string_view wanted) {
  const std::string label = MakeDnsLabel(wanted);
  const auto [entry, is_free] = held_.try_emplace(label, 2);
  if (is_free) return label;
  int number = entry->second;
  std::string name = WithSuffix(label, number);
  while (!held_.try_emplace(name, 2).second) name = WithSuffix(label, ++number);
  held_[label] = number + 1;
  return name;
}

}  // namespace injector::patch
