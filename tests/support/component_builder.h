#pragma once

// Components for tests, made by the parser from a manifest: MakeComponent({.name = "ledger"}).

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "patch/component.h"

namespace injector::test {

struct ComponentParts {
  std::string name;
  std::string container = {};  // text of the annotation; "" for none
  std::string type = "state.acme";
  std::string version = "v1";
  std::vector<std::string> scopes = {};
  std::string placement = {};
  std::string wait = {};
  bool ignore_errors = false;
  std::string resource_version = {};
};

[[nodiscard]] inline std::shared_ptr<const patch::Component> MakeComponent(
    const ComponentParts& parts) {
  nlohmann::json manifest = nlohmann::json::parse(R"({"metadata": {"annotations": {}}})");
  manifest["metadata"]["name"] = parts.name;
  manifest["metadata"]["resourceVersion"] = parts.resource_version;
  nlohmann::json& annotations = manifest["metadata"]["annotations"];
  annotations["dapr.io/component-container"] = parts.container;
  annotations["component-injector.dapr.io/placement"] = parts.placement;
  annotations["component-injector.dapr.io/wait"] = parts.wait;
  manifest["spec"]["type"] = parts.type;
  manifest["spec"]["version"] = parts.version;
  manifest["spec"]["ignoreErrors"] = parts.ignore_errors;
  manifest["scopes"] = parts.scopes;
  return std::make_shared<const patch::Component>(patch::ParseComponent(manifest));
}

}  // namespace injector::test
