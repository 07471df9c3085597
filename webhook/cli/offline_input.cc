#include "webhook/cli/offline_input.h"

#include <array>
#include <istream>
#include <set>
#include <utility>

#include "k8s/advice.h"
#include "patch/decision.h"
#include "patch/names.h"
#include "webhook/resource_files.h"
#include "webhook/text_file.h"

namespace injector::webhook {
namespace {

constexpr const char* kStandardInput = "-";
constexpr const char* kStandardInputName = "stdin";

Result<std::string> ReadStream(std::istream& in) {
  std::string text;
  std::array<char, 16384> buffer{};
  while (in.read(buffer.data(), buffer.size()), in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > k8s::kMaxManifestBytes) {
      return Fail(ErrorKind::kFile, std::string(kStandardInputName) + ": larger than " +
                                        std::to_string(k8s::kMaxManifestBytes) + " bytes; " +
                                        k8s::kDivideManifests);
    }
  }
  return text;
}

class Loader {
 public:
  Loader(const OfflineSources& sources, std::istream& in) : sources_(sources), in_(in) {}

  Result<OfflineInput> Load() && {
    CollectFiles(sources_.resources, collector_);
    for (const std::string& path : sources_.files) ReadPath(path);
    if (sources_.cluster && !collector_.HasFault()) {
      if (const auto asked = AskCluster(*sources_.cluster); !asked) {
        return tl::unexpected(asked.error());
      }
    }
    collector_.StartOver();
    for (const InputFile& file : input_.files) {
      for (const k8s::Manifest& manifest : file.manifests) {
        collector_.AddManifest(file.name, manifest);
      }
    }
    auto resources = collector_.Finish();
    if (!resources) return tl::unexpected(std::move(resources.error()));
    input_.resources = *std::move(resources);
    return std::move(input_);
  }

 private:
  void ReadPath(const std::string& path) {
    if (path == kStandardInput) return AddText(kStandardInputName, ReadStream(in_));
    const auto files = ListManifestFiles(path);
    if (!files) return collector_.AddFault(files.error().message);
    for (const std::string& file : *files) {
      AddText(file, ReadTextFile(file, k8s::kMaxManifestBytes, k8s::kDivideManifests));
    }
  }

  void AddText(const std::string& name, Result<std::string> text) {
    if (!text) return collector_.AddFault(std::move(text.error().message));
    auto manifests = k8s::ParseManifests(*text, name);
    if (!manifests) return collector_.AddFault(manifests.error().Text());
    input_.files.push_back({name, *std::move(text), *std::move(manifests)});
  }

  Result<void> AskCluster(const ClusterAccess& access) {
    const auto cluster = ClusterSource::Find(access);
    if (!cluster) return tl::unexpected(cluster.error());
    input_.default_namespace = (*cluster)->DefaultNamespace();
    if (access.asks_version) {
      const auto minor = (*cluster)->ServerMinor();
      if (!minor) return tl::unexpected(minor.error());
      input_.server_minor = *minor;
    }
    if (auto asked = AskForComponents(**cluster); !asked) return asked;
    return AskForDaprSystem(**cluster, access.control_plane_namespace);
  }

  Result<void> AskForComponents(ClusterSource& cluster) {
    const auto namespaces = PodNamespaces();
    if (!namespaces) return tl::unexpected(namespaces.error());
    for (const std::string& name : *namespaces) {
      const auto components = cluster.Components(name);
      if (!components) return tl::unexpected(components.error());
      for (const auto& component : *components) {
        collector_.AddClusterObject(cluster.Name(), component);
      }
    }
    return {};
  }

  Result<void> AskForDaprSystem(ClusterSource& cluster, const std::string& namespace_name) {
    const auto object = cluster.DaprSystem(namespace_name);
    if (!object) return tl::unexpected(object.error());
    if (*object) {
      collector_.AddClusterObject(cluster.Name(), **object);
    } else {
      input_.warnings.push_back(cluster.Name() + ": there is no Configuration daprsystem in " +
                                namespace_name +
                                ", so mTLS counts as on; NAMESPACE names the control plane's");
    }
    return {};
  }

  // A name that is none must not become part of a request's path.
  [[nodiscard]] Result<std::set<std::string>> PodNamespaces() const {
    std::set<std::string> namespaces;
    for (const InputFile& file : input_.files) {
      for (const k8s::Manifest& manifest : file.manifests) {
        for (const PodTemplate& pod : FindPodTemplates(manifest.value)) {
          std::string name = NamespaceOf(pod, sources_.namespace_name, input_.default_namespace);
          if (!patch::IsDnsLabel(name)) {
            return Fail(ErrorKind::kFile, file.name + ":" + std::to_string(manifest.line) + ": " +
                                              patch::Printable(Title(pod.kind, pod.name)) +
                                              ": its namespace is no name of a namespace");
          }
          namespaces.insert(std::move(name));
        }
      }
    }
    return namespaces;
  }

  const OfflineSources& sources_;
  std::istream& in_;
  ResourceCollector collector_;
  OfflineInput input_;
};

}  // namespace

Result<OfflineInput> LoadOfflineInput(const OfflineSources& sources, std::istream& in) {
  return Loader(sources, in).Load();
}

std::string NamespaceOf(const PodTemplate& pod, const std::optional<std::string>& namespace_name,
                        const std::string& default_namespace) {
  if (namespace_name) return *namespace_name;
  return pod.namespace_name.empty() ? default_namespace : pod.namespace_name;
}

}  // namespace injector::webhook
