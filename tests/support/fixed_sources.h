#pragma once

// The sources of an admission that never change: the Components and surroundings given, for any
// caller.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "patch/admission.h"

namespace injector::test {

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

}  // namespace injector::test
