#pragma once

// Chosen Components for the tests of what is made of a selection.

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "patch/component_selection.h"
#include "tests/support/component_builder.h"

namespace injector::test {

// Builds a Selection and owns its Components. Calls in the order of Component names.
class SelectionBuilder {
 public:
  // A Component whose container goes to initContainers, or to containers if it asks for that.
  SelectionBuilder& Choose(const ComponentParts& parts, bool socket_shared = true) {
    const patch::Component* component = Own(parts);
    selection_.chosen.push_back(
        {component, parts.name, !component->placement_container, socket_shared});
    return *this;
  }

  // A Component that is served by the container of chosen number `holder`.
  SelectionBuilder& Merge(const ComponentParts& parts, std::size_t holder, bool differs = false) {
    selection_.merged.push_back({Own(parts), holder, differs});
    return *this;
  }

  [[nodiscard]] const patch::Selection& Get() const { return selection_; }

 private:
  const patch::Component* Own(const ComponentParts& parts) {
    return owned_.emplace_back(MakeComponent(parts)).get();
  }

  std::vector<std::shared_ptr<const patch::Component>> owned_;
  patch::Selection selection_;
};

}  // namespace injector::test
