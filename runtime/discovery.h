#pragma once

// The search for pluggable components: every socket of a folder, side by side, each with a deadline
// of its own, so that a bad one costs the others nothing. And what daprd, which asks one after the
// other without a deadline, would have made of the same folder.

#include <string>
#include <vector>

#include "runtime/result.h"
#include "runtime/socket_probe.h"
#include "runtime/socket_report.h"

namespace injector::runtime {

struct Discovery {
  std::string folder;
  std::vector<SocketReport> sockets;  // every entry of the folder, by name
};

// In: `folder` is absolute. `before` may hold an earlier result: components that served and whose
// files are the same are taken over without asking.
// Out: a missing folder holds no sockets, as for daprd.
// Errors: kManifest when `folder` is not absolute; those of ListFolder.
// Blocks: as long as the slowest socket, see ProbeSocket.
[[nodiscard]] Result<Discovery> Discover(const std::string& folder, const ProbeOptions& options,
                                         const Discovery* before = nullptr);

// What daprd's own search would come to.
struct DaprdOutcome {
  DaprdEffect effect = DaprdEffect::kRegisters;  // kRegisters, kHangs or kAborts
  std::string sentence;                          // with the socket that decides
};
[[nodiscard]] DaprdOutcome PredictDaprd(const Discovery& discovery);

// The socket that serves `kind` as `component`, as daprd would choose it: the last by name.
// Out: null when there is none. Sockets that only daprd could not use count too.
[[nodiscard]] const SocketReport* FindComponent(const Discovery& discovery, Kind kind,
                                                const std::string& component);

// Why FindComponent found none, in a sentence that says what to do: the state of the socket of that
// name, else the names that do serve the kind.
[[nodiscard]] std::string WhyNotFound(const Discovery& discovery, Kind kind,
                                      const std::string& component);

}  // namespace injector::runtime
