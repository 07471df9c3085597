#pragma once

// A container that a Component declares in its annotation dapr.io/component-container: checked and
// written as JSON text once, when the Component changes, so that an admission only joins pieces.

#include <string>
#include <string_view>
#include <vector>

#include "patch/result.h"

namespace injector::patch {

struct ContainerTemplate {
  struct Mount {
    std::string volume;
    std::string path;
    bool read_only = false;
  };
  struct Port {
    int number = 0;
    int host_port = 0;  // 0: none
    std::string protocol;
  };

  std::string name;  // as declared; "" when there is none
  std::string image;
  std::string restart_policy;  // as declared; "" when there is none
  std::string members;         // JSON members but name, env, volumeMounts and restartPolicy
  std::string env;             // JSON elements, separated by commas
  std::string volume_mounts;   // JSON elements, separated by commas
  std::string canonical;       // all members but the name, keys sorted: equal means the same
  std::vector<std::string> env_names;
  std::vector<Mount> mounts;
  std::vector<Port> ports;
  std::vector<std::string> claims;          // names of resources.claims
  std::vector<std::string> unknown_fields;  // JSON pointers; kept in the text
  bool has_windows_options = false;
  bool has_amounts = false;  // resources.limits or resources.requests hold something

  [[nodiscard]] bool HasEnv(std::string_view wanted) const;
};

// In: the annotation's text, a core/v1 Container in JSON.
// Errors: kInvalidContainer with the offset or JSON pointer of a fault that the API server would
// refuse; kReservedVolume; kNoImage.
// Threads: safe.
[[nodiscard]] Result<ContainerTemplate> ParseContainerTemplate(std::string_view text);

}  // namespace injector::patch
