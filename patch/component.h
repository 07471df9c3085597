#pragma once

// A Dapr Component as the injector uses it: read once when it changes, then immutable.
// Source: dapr.io/v1alpha1 Component.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patch/container_template.h"
#include "patch/result.h"

namespace injector::patch {

struct Component {
  std::string name;
  std::string namespace_name;    // "" when the manifest names none
  std::string resource_version;  // "" when read from a file

  std::vector<std::string> scopes;  // app ids; empty: every app
  std::string type;                 // spec.type, such as "state.redis"
  std::string version;              // spec.version
  bool ignore_errors = false;       // spec.ignoreErrors

  bool placement_container = false;            // component-injector.dapr.io/placement: container
  bool wait = true;                            // component-injector.dapr.io/wait
  std::vector<std::string> annotation_faults;  // sentences on values of these two that were ignored

  std::optional<Error> fault;       // the object itself is malformed: no field but the name counts
  bool declares_container = false;  // dapr.io/component-container is there and not empty
  std::optional<Error> container_fault;  // why `container` is unusable
  ContainerTemplate container;           // when declared and without fault

  // True when the app may use the component: no scopes, or its id among them, exactly.
  [[nodiscard]] bool InScope(std::string_view app_id) const;
};

// Total: whatever is wrong with the object ends up in `fault` or `container_fault`.
// In: a manifest or an object of the API. Threads: safe.
[[nodiscard]] Component ParseComponent(const nlohmann::json& object);

// The Components of one namespace, by name, names unique. Shared between threads; never changed.
using ComponentList = std::vector<std::shared_ptr<const Component>>;

}  // namespace injector::patch
