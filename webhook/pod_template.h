#pragma once

// Finds what becomes a pod inside a manifest.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace injector::webhook {

struct PodTemplate {
  nlohmann::ordered_json::json_pointer pointer;  // to the object with metadata and spec
  std::string kind;            // of the object that holds it: "Pod", "Deployment", ...
  std::string name;            // of that object, "" when it has none
  std::string namespace_name;  // of that object, "" when it names none

  [[nodiscard]] bool IsBarePod() const { return kind == "Pod"; }
};

// The pod templates of a document, in order: of Pod, Deployment, StatefulSet, DaemonSet,
// ReplicaSet, ReplicationController, Job and CronJob, also inside a List. The API group must be
// theirs, the version may be any.
[[nodiscard]] std::vector<PodTemplate> FindPodTemplates(const nlohmann::ordered_json& document);

}  // namespace injector::webhook
