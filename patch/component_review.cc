#include "patch/component_review.h"

#include "patch/component_selection.h"
#include "patch/expected_sockets.h"
#include "patch/names.h"

namespace injector::patch {

Decisions JudgeComponent(const Component& component) {
  Decisions decisions;
  const auto say = [&](Reason reason, std::string text) {
    decisions.push_back({reason, component.name, std::move(text)});
  };
  if (component.fault) {
    say(Reason::kComponentMalformed, component.fault->Text());
    return decisions;
  }
  if (component.container_fault) decisions.push_back(ContainerFaultOf(component));
  if (!component.declares_container) say(Reason::kComponentNoContainer, "declares no container");
  for (const std::string& fault : component.annotation_faults) {
    say(Reason::kComponentInvalidAnnotation, fault);
  }
  if (!component.declares_container || component.container_fault) return decisions;
  const std::string& name = component.container.name;
  if (!name.empty() && !IsDnsLabel(name)) {
    say(Reason::kComponentRenamed, "its container cannot be called " + name +
                                       ", which is no DNS label: it will have another name");
  }
  for (const std::string& pointer : component.container.unknown_fields) {
    say(Reason::kComponentUnknownField,
        pointer + " is no field of a container that we know; it is kept as it is");
  }
  if (SocketNameOf(component).empty()) {
    say(Reason::kComponentNotPluggableType, "spec.type \"" + component.type + "\" with version \"" +
                                                component.version +
                                                "\" is none that daprd finds on a socket");
  }
  return decisions;
}

}  // namespace injector::patch
