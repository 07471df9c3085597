#include "webhook/cli/inject.h"

#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "k8s/yaml_writer.h"
#include "webhook/cli/offline_admission.h"
#include "webhook/cli/offline_input.h"
#include "webhook/manifest_objects.h"

namespace injector::webhook {
namespace {

using Json = nlohmann::ordered_json;

// Injects document by document; what there is to say gathers until all went well.
class Injector {
 public:
  explicit Injector(const OfflineAdmission& admission) : admission_(admission) {}

  // Returns true when something in the document changed; nothing does when one of its pods would
  // be refused.
  bool Inject(const std::string& file, k8s::Manifest& manifest) {
    Json injected = manifest.value;
    bool changed = false;
    bool refused = false;
    for (const PodTemplate& pod : FindPodTemplates(manifest.value)) {
      Json& value = injected.at(pod.pointer);
      const patch::Admission admission = admission_.Admit(pod, value, Purpose::kInject);
      Report(file + ":" + std::to_string(manifest.line) + ": " + Title(pod.kind, pod.name),
             admission.decisions);
      refused = refused || !admission.allowed;
      if (admission.patch.empty()) continue;
      value = value.patch(Json::parse(admission.patch));
      changed = true;
    }
    if (!changed || refused) return false;
    manifest.value = std::move(injected);
    return true;
  }

  [[nodiscard]] const std::string& Messages() const { return messages_; }
  [[nodiscard]] int ExitCode() const {
    return worst_ >= patch::Severity::kNotGiven ? kExitNotGiven : kExitDone;
  }

 private:
  void Report(const std::string& subject, const patch::Decisions& decisions) {
    worst_ = std::max(worst_, WorstOf(decisions));
    for (const patch::Decision& decision : decisions) {
      const patch::ReasonInfo& info = patch::Describe(decision.reason);
      if (info.severity < patch::Severity::kWarning) continue;
      messages_ += patch::Printable(subject) + ": " + std::string(patch::Describe(info.severity)) +
                   ": " + patch::SentenceOf(decision);
      if (decision.reason == patch::Reason::kPodTrustAnchorsPlaceholder) {
        messages_ += " (" + admission_.TrustAnchorsFault() + ")";
      }
      if (info.severity == patch::Severity::kDenied) messages_ += "; the document stays as it is";
      if (!info.advice.empty()) messages_.append("; ").append(info.advice);
      messages_.append(" [").append(info.id).append("]\n");
    }
  }

  const OfflineAdmission& admission_;
  std::string messages_;
  patch::Severity worst_ = patch::Severity::kNote;
};

// The input's text with changed documents replaced.
class YamlOutput {
 public:
  void BeginFile(const InputFile& file) {
    rest_ = file.text;
    at_ = 0;
    if (out_.empty()) return;
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (rest_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    if (!out_.ends_with('\n')) out_ += '\n';
    const std::string_view text = rest_.substr(at_);
    if (text.starts_with('%')) {
      out_ += "...\n";
    } else if (!text.empty() && !text.starts_with("---")) {
      out_ += "---\n";
    }
  }

  void Replace(const k8s::Manifest& manifest) {
    out_ += rest_.substr(at_, manifest.begin - at_);
    if (manifest.syntax == k8s::Syntax::kJson) {
      out_ += manifest.value.dump(2);
    } else {
      if (!out_.empty() && !out_.ends_with('\n') && manifest.begin > at_) out_ += '\n';
      out_ += k8s::WriteYaml(manifest.value);
    }
    at_ = manifest.end;
  }

  void EndFile() { out_ += rest_.substr(at_); }

  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  std::string_view rest_;
  std::size_t at_ = 0;  // what stands before it in `rest_` is written
  std::string out_;
};

std::string InjectToYaml(OfflineInput& input, Injector& injector) {
  YamlOutput output;
  for (InputFile& file : input.files) {
    output.BeginFile(file);
    for (k8s::Manifest& manifest : file.manifests) {
      if (injector.Inject(file.name, manifest)) output.Replace(manifest);
    }
    output.EndFile();
  }
  return output.Take();
}

std::string InjectToJson(OfflineInput& input, Injector& injector) {
  Json items = Json::array();
  for (InputFile& file : input.files) {
    for (k8s::Manifest& manifest : file.manifests) {
      injector.Inject(file.name, manifest);
      items.push_back(std::move(manifest.value));
    }
  }
  if (items.size() == 1) return items.front().dump(2) + "\n";
  Json list = Json::object();
  list["apiVersion"] = "v1";
  list["kind"] = "List";
  list["items"] = std::move(items);
  return list.dump(2) + "\n";
}

}  // namespace

int RunInject(const InjectOptions& options, std::istream& in, std::ostream& out,
              std::ostream& err) {
  auto input = LoadOfflineInput(
      {options.files, options.common.resources, options.namespace_name, options.cluster}, in);
  if (!input) {
    err << input.error().message << "\n";
    return kExitUnreadable;
  }
  const OfflineAdmission admission(options.common, *input, options.namespace_name);
  for (const std::string& warning : input->warnings) err << "warning: " << warning << "\n";
  Injector injector(admission);
  const std::string text = options.output == ManifestFormat::kYaml ? InjectToYaml(*input, injector)
                                                                   : InjectToJson(*input, injector);
  out << text << std::flush;
  err << injector.Messages();
  if (!out) {
    err << "the output cannot be written\n";
    return kExitUnreadable;
  }
  return injector.ExitCode();
}

}  // namespace injector::webhook
