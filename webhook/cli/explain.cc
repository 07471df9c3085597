#include "webhook/cli/explain.h"

#include <algorithm>
#include <istream>
#include <ostream>
#include <utility>

#include "webhook/cli/explanation.h"
#include "webhook/cli/offline_admission.h"
#include "webhook/cli/offline_input.h"

namespace injector::webhook {
namespace {

constexpr const char* kNotJudged =
    "a bare Pod gets this only when an allowed controller or a member of system:masters creates "
    "it; the admin of a kubeadm cluster is no member any more";

Explanation Explain(const std::string& file, const k8s::Manifest& manifest, const PodTemplate& pod,
                    const OfflineAdmission& admission) {
  patch::Admission found = admission.Admit(pod, manifest.value.at(pod.pointer), Purpose::kExplain);
  if (pod.IsBarePod() && found.Verdict() == patch::Reason::kPodInjected) {
    found.decisions.insert(found.decisions.begin() + 1,
                           {patch::Reason::kPodCallerNotJudged, "", kNotJudged});
  }
  for (patch::Decision& decision : found.decisions) {
    if (decision.reason == patch::Reason::kPodTrustAnchorsPlaceholder) {
      decision.text += " (" + admission.TrustAnchorsFault() + ")";
    }
  }
  return {file,
          manifest.line,
          pod.kind,
          pod.name,
          admission.NamespaceOf(pod),
          std::move(found.app_id),
          found.allowed,
          std::move(found.decisions)};
}

std::vector<Explanation> ExplainAll(const OfflineInput& input, const OfflineAdmission& admission) {
  std::vector<Explanation> pods;
  for (const InputFile& file : input.files) {
    for (const k8s::Manifest& manifest : file.manifests) {
      for (const PodTemplate& pod : FindPodTemplates(manifest.value)) {
        pods.push_back(Explain(file.name, manifest, pod, admission));
      }
    }
  }
  return pods;
}

}  // namespace

int RunExplain(const ExplainOptions& options, std::istream& in, std::ostream& out,
               std::ostream& err) {
  const auto input = LoadOfflineInput(
      {options.files, options.common.resources, options.namespace_name, options.cluster}, in);
  if (!input) {
    err << input.error().message << "\n";
    return kExitUnreadable;
  }
  const OfflineAdmission admission(options.common, *input, options.namespace_name);
  for (const std::string& warning : input->warnings) err << "warning: " << warning << "\n";
  const std::vector<Explanation> pods = ExplainAll(*input, admission);
  if (pods.empty()) err << "the input holds no pod and no pod template\n";
  out << (options.output == ReportFormat::kTable ? WriteTable(pods, options.colour)
                                                 : WriteJson(pods))
      << std::flush;
  if (!out) {
    err << "the output cannot be written\n";
    return kExitUnreadable;
  }
  const bool not_given = std::any_of(pods.begin(), pods.end(), [](const Explanation& pod) {
    return WorstOf(pod.decisions) >= patch::Severity::kNotGiven;
  });
  return not_given ? kExitNotGiven : kExitDone;
}

}  // namespace injector::webhook
