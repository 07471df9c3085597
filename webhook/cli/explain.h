#pragma once

// `component-injector explain`: for every pod of the manifests, what would happen and why.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "webhook/cli/cluster_source.h"
#include "webhook/cli/common_options.h"

namespace injector::webhook {

enum class ReportFormat {
  kTable,  // for people
  kJson,   // {"pods": [{..., "decisions": [...]}]}
};

struct ExplainOptions {
  CommonOptions common;
  std::vector<std::string> files;             // files, folders, "-" for standard input
  std::optional<std::string> namespace_name;  // -n; else the manifest's, else the default
  std::optional<ClusterAccess> cluster;       // --from-cluster
  ReportFormat output = ReportFormat::kTable;
  bool colour = false;  // of the table: only when `out` is a terminal
};

// Writes to `out` one line on each pod, each Component of its namespace and each container that it
// lists, with the reason and what to do; faults of the input go to `err`.
// Out: the exit code: 0 done; 1 something asked for would not be given, or a pod would be refused;
// 2 when input or cluster cannot be read: nothing is written to `out`.
[[nodiscard]] int RunExplain(const ExplainOptions& options, std::istream& in, std::ostream& out,
                             std::ostream& err);

}  // namespace injector::webhook
