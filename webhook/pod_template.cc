#include "webhook/pod_template.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "webhook/manifest_objects.h"

namespace injector::webhook {
namespace {

using Json = nlohmann::ordered_json;

struct Workload {
  std::string_view group;
  std::string_view kind;
  const char* path;  // of the template inside the object
};

constexpr const char* kTemplate = "/spec/template";
constexpr std::array<Workload, 11> kWorkloads = {
    {{"", "Pod", ""},
     {"", "ReplicationController", kTemplate},
     {"apps", "Deployment", kTemplate},
     {"apps", "StatefulSet", kTemplate},
     {"apps", "DaemonSet", kTemplate},
     {"apps", "ReplicaSet", kTemplate},
     {"extensions", "Deployment", kTemplate},
     {"extensions", "DaemonSet", kTemplate},
     {"extensions", "ReplicaSet", kTemplate},
     {"batch", "Job", kTemplate},
     {"batch", "CronJob", "/spec/jobTemplate/spec/template"}}};

}  // namespace

std::vector<PodTemplate> FindPodTemplates(const Json& document) {
  std::vector<PodTemplate> templates;
  ForEachObject(document, [&](const ManifestObject& object) {
    const auto* const workload =
        std::find_if(kWorkloads.begin(), kWorkloads.end(), [&](const Workload& candidate) {
          return candidate.group == object.api_group && candidate.kind == object.kind;
        });
    if (workload == kWorkloads.end()) return;
    Json::json_pointer pointer(object.pointer + workload->path);
    if (!document.contains(pointer) || !document.at(pointer).is_object()) return;
    templates.push_back({std::move(pointer), object.kind, MetadataText(object.value, "name"),
                         MetadataText(object.value, "namespace")});
  });
  return templates;
}

}  // namespace injector::webhook
