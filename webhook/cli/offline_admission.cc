#include "webhook/cli/offline_admission.h"

#include <algorithm>
#include <utility>

#include "webhook/surroundings.h"

namespace injector::webhook {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kStatefulSet = "StatefulSet";

// Whoever creates the pod is taken for a controller.
class FileSources : public patch::AdmissionSources {
 public:
  FileSources(const ResourceSet& resources, std::string_view namespace_name,
              std::shared_ptr<const patch::Surroundings> surroundings)
      : resources_(resources),
        namespace_name_(namespace_name),
        surroundings_(std::move(surroundings)) {}

  bool CallerAllowed() override { return true; }
  patch::Result<patch::ComponentLook> Components(const std::vector<std::string>&) override {
    return patch::ComponentLook{resources_.ComponentsOf(namespace_name_)};
  }
  std::shared_ptr<const patch::Surroundings> CurrentSurroundings() override {
    return surroundings_;
  }

 private:
  const ResourceSet& resources_;
  std::string_view namespace_name_;
  std::shared_ptr<const patch::Surroundings> surroundings_;
};

// The template as one of its pods looks when it is admitted.
Json PodOf(const PodTemplate& pod, const Json& value, Purpose purpose) {
  Json named = value;
  const auto metadata = named.find("metadata");
  if (pod.IsBarePod() || metadata == named.end() || !metadata->is_object()) return named;
  metadata->erase("name");
  if (pod.kind == kStatefulSet && purpose == Purpose::kExplain && !pod.name.empty()) {
    (*metadata)["name"] = pod.name + "-0";
  }
  return named;
}

// Why a template has no app id although pods can do without the annotation.
std::string NamelessBecause(const PodTemplate& pod) {
  if (pod.kind == kStatefulSet) {
    return ": each pod of a StatefulSet would use its own name, a template has none; set "
           "dapr.io/app-id";
  }
  return ": pods of a " + pod.kind + " have no name yet when they are admitted; set dapr.io/app-id";
}

}  // namespace

OfflineAdmission::OfflineAdmission(const CommonOptions& options, const OfflineInput& input,
                                   std::optional<std::string> namespace_name)
    : options_(options),
      resources_(input.resources),
      namespace_name_(std::move(namespace_name)),
      default_namespace_(input.default_namespace) {
  FileSurroundings surroundings(options, MissingTrustAnchors::kPlaceholder);
  surroundings.SetMtls(resources_->mtls_enabled);
  if (input.server_minor) surroundings.SetServerMinor(input.server_minor);
  if (const auto read = surroundings.Reload(); !read) trust_anchors_fault_ = read.error().message;
  surroundings_ = surroundings.Current();
}

patch::Admission OfflineAdmission::Admit(const PodTemplate& pod, const Json& value,
                                         Purpose purpose) const {
  const std::string namespace_name = NamespaceOf(pod);
  const std::string text = PodOf(pod, value, purpose).dump();
  patch::JsonParser parser;
  const auto parsed = parser.Parse(text);
  FileSources sources(*resources_, namespace_name, surroundings_);
  patch::AdmissionRequest request;
  if (parsed) request.pod = *parsed;
  request.pod_namespace = namespace_name;
  if (!pod.IsBarePod()) request.owner_kind = pod.kind;
  request.show_unasked_components = purpose == Purpose::kExplain;
  patch::Admission admission = patch::AdmitPod(request, sources, options_.settings);
  const bool nameless =
      admission.Verdict() == patch::Reason::kPodInvalidAppId && admission.app_id.empty();
  if (nameless && !pod.IsBarePod()) {
    admission.message += NamelessBecause(pod);
    admission.decisions.front().text += NamelessBecause(pod);
  }
  return admission;
}

std::string OfflineAdmission::NamespaceOf(const PodTemplate& pod) const {
  return webhook::NamespaceOf(pod, namespace_name_, default_namespace_);
}

patch::Severity WorstOf(const patch::Decisions& decisions) {
  auto worst = patch::Severity::kNote;
  for (const patch::Decision& decision : decisions) {
    worst = std::max(worst, patch::Describe(decision.reason).severity);
  }
  return worst;
}

}  // namespace injector::webhook
