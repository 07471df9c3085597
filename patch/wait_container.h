#pragma once

// The init container that holds back daprd and the app until every expected socket answers.

#include <string>
#include <string_view>
#include <vector>

#include "patch/expected_sockets.h"
#include "patch/settings.h"

namespace injector::patch {

inline constexpr std::string_view kWaitContainerName = "wait-for-sockets";

struct WaitRequest {
  std::string_view name;
  std::string_view sockets_folder;
  std::string_view timeout;  // such as "300s"
  const std::vector<ExpectedSocket>& expected;
  bool has_pod_resources;  // the pod bounds the sum of all containers: ours claims nothing then
  std::string_view service_account_volume = {};  // to be mounted, "": none
};

// Returns the JSON of a core/v1 Container that runs `component-injector wait`.
[[nodiscard]] std::string BuildWaitContainer(const WaitRequest& request, const Settings& settings);

}  // namespace injector::patch
