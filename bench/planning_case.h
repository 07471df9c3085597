#pragma once

// One case of planning: the bytes of an AdmissionReview in, the bytes of the patch out, without
// base64, TLS or HTTP. What is made beforehand, in a cluster too, is made in the constructor.

#include <cstddef>
#include <memory>
#include <string>

#include "patch/admission.h"

namespace injector::bench {

// What there is around a pod: trust anchors and a current server.
[[nodiscard]] patch::Surroundings MakeSurroundings();

class PlanningCase {
 public:
  // A pod of about `pod_kib` KiB, and `components` Components that it is injected with.
  PlanningCase(std::size_t pod_kib, int components);
  // The same with the Components, and the rest, of these sources.
  PlanningCase(std::size_t pod_kib, std::unique_ptr<patch::AdmissionSources> sources);

  // Parses and plans. Out: the patch, never empty.
  [[nodiscard]] std::string Plan();

  [[nodiscard]] std::size_t ReviewBytes() const { return review_.size(); }

 private:
  std::string review_;
  std::unique_ptr<patch::AdmissionSources> sources_;
  patch::Settings settings_;
  patch::JsonParser parser_;
};

}  // namespace injector::bench
