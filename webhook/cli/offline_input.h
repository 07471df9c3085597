#pragma once

// What the offline commands work on: manifests to treat, and the resources that apply to them.

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "k8s/manifest.h"
#include "webhook/cli/cluster_source.h"
#include "webhook/pod_template.h"
#include "webhook/resource_set.h"
#include "webhook/result.h"

namespace injector::webhook {

struct InputFile {
  std::string name;  // as in messages; "stdin" for standard input
  std::string text;
  std::vector<k8s::Manifest> manifests;  // in the order of the text
};

struct OfflineInput {
  std::vector<InputFile> files;
  std::shared_ptr<const ResourceSet> resources;  // never null
  std::string default_namespace = "default";     // of manifests that name none
  std::optional<int> server_minor;               // what the cluster says
  std::vector<std::string> warnings;             // on the cluster: sentences
};

// Where it comes from.
struct OfflineSources {
  const std::vector<std::string>& files;             // files, folders, "-" for standard input
  const std::vector<std::string>& resources;         // files and folders
  const std::optional<std::string>& namespace_name;  // wins over the manifests'
  const std::optional<ClusterAccess>& cluster;       // asked for the pods' namespaces
};

// Reads it all; `in` is standard input.
// Out: Components and daprsystem among `files` count as resources and replace those of the same
// name and namespace in `resources` and in the cluster: they are what is about to be applied.
// Errors: kFile, with every fault, one a line; kCluster. The cluster is asked only when the files
// can be read.
[[nodiscard]] Result<OfflineInput> LoadOfflineInput(const OfflineSources& sources,
                                                    std::istream& in);

// The namespace that a manifest's pod would be in.
[[nodiscard]] std::string NamespaceOf(const PodTemplate& pod,
                                      const std::optional<std::string>& namespace_name,
                                      const std::string& default_namespace);

}  // namespace injector::webhook
