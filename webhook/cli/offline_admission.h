#pragma once

// Admits pod templates of manifests as the webhook would admit their pods, whoever creates them.

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "patch/admission.h"
#include "webhook/cli/common_options.h"
#include "webhook/cli/offline_input.h"
#include "webhook/pod_template.h"
#include "webhook/resource_set.h"

namespace injector::webhook {

enum class Purpose {
  kInject,   // the result becomes the template of many pods
  kExplain,  // what one of its pods would get, with a word on every Component
};

// The exit codes of the offline commands.
inline constexpr int kExitDone = 0;
inline constexpr int kExitNotGiven = 1;    // something asked for is not given
inline constexpr int kExitUnreadable = 2;  // nothing was done

class OfflineAdmission {
 public:
  // In: `options` must outlive it, `input` need not. `namespace_name` overrides that of the
  // manifests.
  // Blocks: on reading the trust anchors file.
  OfflineAdmission(const CommonOptions& options, const OfflineInput& input,
                   std::optional<std::string> namespace_name);

  // In: `value` is the object with metadata and spec.
  // Out: a template has no pod name, whatever it says: controllers name their pods. Only those of
  // a StatefulSet have it when they are admitted, so kExplain gives them the first one's.
  [[nodiscard]] patch::Admission Admit(const PodTemplate& pod, const nlohmann::ordered_json& value,
                                       Purpose purpose) const;

  [[nodiscard]] std::string NamespaceOf(const PodTemplate& pod) const;

  // Why there are no trust anchors and a placeholder stands in; "" when there are.
  [[nodiscard]] const std::string& TrustAnchorsFault() const { return trust_anchors_fault_; }

 private:
  const CommonOptions& options_;
  std::shared_ptr<const ResourceSet> resources_;
  std::optional<std::string> namespace_name_;
  std::string default_namespace_;
  std::string trust_anchors_fault_;
  std::shared_ptr<const patch::Surroundings> surroundings_;
};

// The worst severity among the decisions.
[[nodiscard]] patch::Severity WorstOf(const patch::Decisions& decisions);

}  // namespace injector::webhook
