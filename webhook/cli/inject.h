#pragma once

// `component-injector inject`: manifests in, the same manifests with every pod template injected
// out.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "webhook/cli/cluster_source.h"
#include "webhook/cli/common_options.h"

namespace injector::webhook {

enum class ManifestFormat {
  kYaml,  // the input's own text around what changes; JSON documents stay JSON
  kJson,  // one JSON value: the document, or a v1 List when there are several
};

struct InjectOptions {
  CommonOptions common;
  std::vector<std::string> files;             // files, folders, "-" for standard input
  std::optional<std::string> namespace_name;  // -n; else the manifest's, else the default
  std::optional<ClusterAccess> cluster;       // --from-cluster
  ManifestFormat output = ManifestFormat::kYaml;
};

// Writes the manifests to `out`, and to `err` one line for each warning and for what was asked for
// and is not given. Of several files the texts follow one another as documents of one stream.
// Out: the exit code: 0 done; 1 something asked for is not given, or a pod would be refused (its
// document is copied unchanged); 2 when input or cluster cannot be read: nothing is written to
// `out`. With kYaml a document in which nothing changes is copied byte for byte; one that changes
// keeps the order of its members but loses comments inside it. What is injected already stays as it
// is.
[[nodiscard]] int RunInject(const InjectOptions& options, std::istream& in, std::ostream& out,
                            std::ostream& err);

}  // namespace injector::webhook
