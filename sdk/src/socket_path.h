#pragma once
// Where a component's socket goes: folder, name, extension. Pure but for reading the environment
// through the function passed in.

#include <functional>
#include <optional>
#include <string>

#include "dapr_component_sdk/error.h"

namespace dapr::component {

// Reads one environment variable; null when it is not set.
using Environment = std::function<const char*(const char* name)>;

// The folder: `option` unless empty, else the first variable that is set, else the default.
// Errors: kInvalidArgument when the folder is not absolute (the runtime cannot dial it).
[[nodiscard]] Result<std::string> ResolveSocketFolder(const std::string& option,
                                                      const Environment& environment);

// `<folder>/<name><extension>`.
// In: extension with or without its dot; absent: the environment's, else ".sock".
// Errors: kInvalidArgument when the name cannot be a file or component name (empty, `/`, upper
// case never matches: the runtime lower-cases), or the path is over the 107 bytes of a socket.
[[nodiscard]] Result<std::string> BuildSocketPath(const std::string& folder,
                                                  const std::string& name,
                                                  const std::optional<std::string>& extension,
                                                  const Environment& environment);

}  // namespace dapr::component
