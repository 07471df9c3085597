#pragma once

// The container of a chosen Component, as it goes into the pod.

#include <string>
#include <string_view>

#include "patch/component_selection.h"

namespace injector::patch {

// Returns the JSON of a core/v1 Container: the declared one with its final name, the socket
// folder's variables and mount where they are missing, restartPolicy: Always for a sidecar, and
// the service account's mount unless the volume is "" or its path is taken.
[[nodiscard]] std::string BuildComponentContainer(const ChosenComponent& chosen,
                                                  std::string_view sockets_folder,
                                                  std::string_view service_account_volume);

}  // namespace injector::patch
