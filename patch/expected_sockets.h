#pragma once

// Which sockets daprd must find when it scans the folder, derived from the chosen Components.

#include <string>
#include <string_view>
#include <vector>

#include "patch/component_selection.h"
#include "patch/decision.h"

namespace injector::patch {

struct ExpectedSocket {
  std::string socket;                        // file name without extension, lower case
  std::vector<std::string_view> components;  // who wants it, by name
  std::string_view image;                    // which should make it
  bool soft = false;                         // absence is forgiven at the time-out
  std::string note;                          // what else to tell when it does not come
};

// The socket a Component of this type is served on: the text after the first dot of `type`, in
// lower case; "" when daprd does not look for a socket for it.
// Source: Dapr 1.18 registers pluggable components of kinds pubsub, state, bindings and
// secretstores as version v1.
[[nodiscard]] std::string SocketNameOf(const Component& component);

// In: `waits` is false when the pod waits for nobody: by component-wait, or because its components
// start beside daprd.
// Out: one entry for each socket, in order of the first Component that wants it; remarks on
// Components that are not awaited or awaited softly are appended.
[[nodiscard]] std::vector<ExpectedSocket> ExpectSockets(const Selection& selection, bool waits,
                                                        Decisions& decisions);

}  // namespace injector::patch
