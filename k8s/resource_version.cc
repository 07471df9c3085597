#include "k8s/resource_version.h"

#include <nlohmann/json.hpp>

namespace injector::k8s {

std::string ResourceVersionOf(const nlohmann::json& object) {
  const auto metadata = object.is_object() ? object.find("metadata") : object.end();
  if (metadata == object.end() || !metadata->is_object()) return {};
  const auto version = metadata->find("resourceVersion");
  return version != metadata->end() && version->is_string() ? version->get<std::string>() : "";
}

}  // namespace injector::k8s
