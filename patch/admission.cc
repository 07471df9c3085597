#include "patch/admission.h"

#include <algorithm>
#include <optional>

#include "patch/annotations.h"
#include "patch/component_selection.h"
#include "patch/inject.h"
#include "patch/name_set.h"
#include "patch/names.h"
#include "patch/pod_editor.h"
#include "patch/pod_view.h"
#include "patch/status_annotation.h"

namespace injector::patch {
namespace {

// The name of the app's Service, a DNS label, is the app id and this.
constexpr std::string_view kServiceSuffix = "-dapr";

class Admitter {
 public:
  Admitter(const AdmissionRequest& request, AdmissionSources& sources, const Settings& settings)
      : request_(request), sources_(sources), settings_(settings) {}

  Admission Run() && {
    Judge();
    return std::move(admission_);
  }

 private:
  void Judge() {
    const auto metadata = ReadPodMetadata(request_.pod);
    if (!metadata) return RefuseMalformed(metadata.error());
    const std::string_view* app_id = FindAnnotation(metadata->annotations, "dapr.io/app-id");
    admission_.app_id = app_id != nullptr ? *app_id : metadata->name;
    const Gate gate = ReadGate(metadata->annotations);
    if (!gate.enabled) return LeaveAlone(gate);
    admission_.opted_in = true;
    if (!sources_.CallerAllowed()) {
      Say(Reason::kPodCallerNotAllowed,
          "not injected: whoever creates this pod may not have sidecars injected");
      return AddStatusOfSkipped();
    }
    const auto pod = ReadPod(request_.pod);
    if (!pod) return RefuseMalformed(pod.error());
    if (pod->Find("daprd") != nullptr) {
      return Say(Reason::kPodAlreadyInjected, "has a container named daprd already");
    }
    if (const std::size_t bytes = AnnotationBytes(metadata->annotations);
        bytes > kMaxAnnotationBytes) {
      return Refuse(Reason::kPodMalformed,
                    "the pod's annotations are too long: the API server takes " +
                        std::to_string(kMaxAnnotationBytes) +
                        " bytes of keys and values together, these have " + std::to_string(bytes));
    }
    JudgeAppId(*pod);
  }

  void LeaveAlone(const Gate& gate) {
    if (!gate.enabled_spelling) {
      return Say(Reason::kPodNotEnabled, "dapr.io/enabled is not \"true\"");
    }
    Say(Reason::kPodEnabledSpelling,
        "not injected: dapr.io/enabled must be \"true\", other words for it do not count");
    AddStatusOfSkipped();
  }

  // Setting --status-annotation=all; a status that is there already is not written again, and a pod
  // that has daprd is never touched.
  void AddStatusOfSkipped() {
    if (settings_.status_annotation != StatusAnnotation::kAll) return;
    auto pod = ReadPod(request_.pod);
    if (!pod || pod->Find("daprd") != nullptr) return;
    const std::string status = BuildStatus(admission_.Verdict());
    const std::string_view* present = FindAnnotation(pod->metadata.annotations, kStatusKey);
    if (present != nullptr && *present == status) return;
    if (StatusBudget(pod->metadata) < status.size()) return;
    PodEditor editor(*std::move(pod));
    editor.SetAnnotation(kStatusKey, status);
    admission_.patch = std::move(editor).Finish();
  }

  void JudgeAppId(const PodView& pod) {
    if (admission_.app_id.empty()) admission_.app_id = pod.metadata.name;
    const std::string& app_id = admission_.app_id;
    if (app_id.empty()) {
      return Refuse(Reason::kPodInvalidAppId, "value for the dapr.io/app-id annotation is empty");
    }
    const std::string service = app_id + std::string(kServiceSuffix);
    // The app id is a label's value too, which must not end in a dash as the Service's name may
    // where the suffix begins.
    if (!IsDnsLabel(service) || !IsDnsLabel(app_id)) {
      return Refuse(Reason::kPodInvalidAppId,
                    "invalid app id (input: '" + app_id + "', service: '" + service +
                        "'): expected at most 58 lower-case letters, digits and '-', "
                        "beginning and ending with a letter or digit");
    }
    const auto surroundings = sources_.CurrentSurroundings();
    if (surroundings->trust_anchors.empty()) {
      return Refuse(Reason::kPodTrustAnchorsMissing,
                    "trust anchors are not available: the file of DAPR_TRUST_ANCHORS_FILE cannot "
                    "be read");
    }
    Inject(pod, *surroundings);
  }

  void Inject(const PodView& pod, const Surroundings& surroundings) {
    const PodAnnotations annotations = ParsePodAnnotations(pod.metadata.annotations, settings_);
    ComponentLook look{std::make_shared<const ComponentList>()};
    const bool asks = annotations.inject_components || !annotations.require.empty();
    if (asks || request_.show_unasked_components) {
      auto found = sources_.Components(annotations.require);
      if (!found) {
        return Refuse(Reason::kPodComponentsUnavailable,
                      "error when fetching components: " + found.error().Text());
      }
      look = *std::move(found);
    }
    const ComponentList& list = *look.list;
    if (const auto missing = FindMissing(annotations.require, list, pod)) {
      return Refuse(Reason::kPodRequiredMissing, *missing);
    }
    Plan(pod, annotations, list, surroundings);
    if (admission_.allowed && !look.doubt.empty()) {
      Say(Reason::kPodComponentsDoubtful,
          "its components may be out of date, the API server did not answer: " + look.doubt);
    }
  }

  void Plan(const PodView& pod, const PodAnnotations& annotations, const ComponentList& list,
            const Surroundings& surroundings) {
    const std::string_view owner =
        request_.owner_kind.empty() ? pod.metadata.owner_kind : request_.owner_kind;
    Say(Reason::kPodInjected, "daprd injected for app id " + admission_.app_id);
    const bool shown = annotations.inject_components || request_.show_unasked_components;
    const ComponentList none;
    Injection injection =
        BuildInjection({pod, request_.pod_namespace, admission_.app_id, owner, annotations,
                        shown ? list : none, settings_, surroundings},
                       admission_.decisions);
    if (const auto unplaced = FindUnplaced(annotations.require)) {
      admission_.decisions.clear();
      return Refuse(Reason::kPodRequiredMissing, *unplaced);
    }
    admission_.patch = std::move(injection.patch);
    admission_.status = std::move(injection.status);
  }

  // The sentence on the first required Component that the pod cannot have.
  std::optional<std::string> FindMissing(const std::vector<std::string>& required,
                                         const ComponentList& list, const PodView& pod) {
    for (const std::string& name : required) {
      const auto found = std::lower_bound(list.begin(), list.end(), name,
                                          [](const auto& component, const std::string& wanted) {
                                            return component->name < wanted;
                                          });
      if (found == list.end() || (*found)->name != name) {
        return "required component " + name + " is not available: namespace " +
               std::string(request_.pod_namespace) + " has none";
      }
      if (const auto fault = FaultOf(**found, pod, admission_.app_id)) {
        return SentenceOfMissing(name, *fault);
      }
    }
    return std::nullopt;
  }

  // The sentence on the first required Component whose container does not fit beside the others.
  std::optional<std::string> FindUnplaced(const std::vector<std::string>& required) {
    const NameSet names(required);
    for (const Decision& decision : admission_.decisions) {
      const bool is_required =
          decision.reason == Reason::kComponentInvalidContainer && names.Contains(decision.subject);
      if (is_required) return SentenceOfMissing(decision.subject, decision);
    }
    return std::nullopt;
  }

  static std::string SentenceOfMissing(const std::string& name, const Decision& fault) {
    return "required component " + name + " is not available: " + fault.text + " (" +
           std::string(Describe(fault.reason).id) + ")";
  }

  void RefuseMalformed(const Error& error) {
    if (!sources_.CallerAllowed()) {
      return Say(Reason::kPodCallerNotAllowed,
                 "not injected: whoever creates this pod may not have sidecars injected");
    }
    Refuse(Reason::kPodMalformed, "could not unmarshal raw object: " + error.Text());
  }

  void Refuse(Reason reason, std::string message) {
    admission_.allowed = false;
    admission_.message = message;
    Say(reason, std::move(message));
  }

  void Say(Reason reason, std::string text) {
    admission_.decisions.push_back({reason, "", std::move(text)});
  }

  const AdmissionRequest& request_;
  AdmissionSources& sources_;
  const Settings& settings_;
  Admission admission_;
};

}  // namespace

Admission AdmitPod(const AdmissionRequest& request, AdmissionSources& sources,
                   const Settings& settings) {
  return Admitter(request, sources, settings).Run();
}

}  // namespace injector::patch
