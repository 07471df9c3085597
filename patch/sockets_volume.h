#pragma once

// The volumes for sockets that the injector adds: the one that component containers and daprd
// share, with the variables that name its path, and the one for daprd's own API. Source: Dapr 1.18
// pkg/injector; daprd reads the plural variable only, the injector and the component SDKs know the
// singular one.

#include <array>
#include <string_view>

#include "patch/pod_editor.h"

namespace injector::patch {

inline constexpr std::string_view kSocketsVolume = "dapr-components-unix-domain-socket";
inline constexpr std::string_view kSocketsVolumeJson =
    R"({"name":"dapr-components-unix-domain-socket","emptyDir":{}})";

inline constexpr std::string_view kApiSocketVolume = "dapr-unix-domain-socket";
inline constexpr std::string_view kApiSocketVolumeJson =
    R"({"name":"dapr-unix-domain-socket","emptyDir":{"medium":"Memory"}})";

inline constexpr std::string_view kSocketsFolderEnv = "DAPR_COMPONENT_SOCKETS_FOLDER";
inline constexpr std::string_view kSocketsFolderEnvPlural = "DAPR_COMPONENTS_SOCKETS_FOLDER";

// Both variables, in the order in which they are added.
[[nodiscard]] inline std::array<EnvVar, 2> SocketsFolderEnv(std::string_view folder) {
  return {EnvVar{kSocketsFolderEnv, folder}, EnvVar{kSocketsFolderEnvPlural, folder}};
}

}  // namespace injector::patch
