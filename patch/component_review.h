#pragma once

// What can be said of a Component before any pod asks for it: the same reading as at a pod's
// admission, for whoever writes the Component.

#include "patch/component.h"
#include "patch/decision.h"

namespace injector::patch {

// Out: the verdict first when the Component's container, or the Component, is unusable in every
// pod, or there is no container; else remarks only. Nothing when it is good.
[[nodiscard]] Decisions JudgeComponent(const Component& component);

}  // namespace injector::patch
