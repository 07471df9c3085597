#include "socket_path.h"

#include <sys/un.h>

#include <algorithm>

namespace dapr::component {
namespace {

constexpr const char* kFolderVariables[] = {
    "DAPR_COMPONENTS_SOCKETS_FOLDER",  // what the runtime reads
    "DAPR_COMPONENT_SOCKETS_FOLDER",   // what injectors set
    "DAPR_COMPONENT_SOCKET_FOLDER",    // what other SDKs read
};
constexpr char kExtensionVariable[] = "DAPR_COMPONENTS_SOCKETS_EXTENSION";
constexpr char kDefaultFolder[] = "/tmp/dapr-components-sockets";
// One byte of sun_path is the terminating zero.
constexpr std::size_t kMaxPathBytes = sizeof(sockaddr_un{}.sun_path) - 1;

std::string ResolveExtension(const std::optional<std::string>& option,
                             const Environment& environment) {
  std::string extension = "sock";
  if (option) {
    extension = *option;
  } else if (const char* value = environment(kExtensionVariable)) {
    extension = value;
  }
  if (!extension.empty() && extension.front() != '.') extension.insert(0, 1, '.');
  return extension;
}

}  // namespace

Result<std::string> ResolveSocketFolder(const std::string& option, const Environment& environment) {
  std::string folder = option;
  for (const char* variable : kFolderVariables) {
    if (!folder.empty()) break;
    if (const char* value = environment(variable)) folder = value;
  }
  if (folder.empty()) folder = kDefaultFolder;
  if (folder.front() != '/') {
    return Fail(ErrorKind::kInvalidArgument,
                "socket folder \"" + folder +
                    "\" is not absolute: the runtime could not dial it; "
                    "give a path that begins with /");
  }
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

Result<std::string> BuildSocketPath(const std::string& folder, const std::string& name,
                                    const std::optional<std::string>& extension,
                                    const Environment& environment) {
  const auto allowed = [](unsigned char c) { return c > ' ' && c != '/' && c != 0x7F; };
  if (name.empty() || name == "." || name == ".." ||
      !std::all_of(name.begin(), name.end(), allowed))
    return Fail(ErrorKind::kInvalidArgument,
                "component name \"" + name +
                    "\" cannot be a file name; use letters, digits, dots "
                    "and dashes");
  const std::string suffix = ResolveExtension(extension, environment);
  if (suffix.empty() && name.find('.') != std::string::npos)
    return Fail(ErrorKind::kInvalidArgument,
                "component name \"" + name +
                    "\" needs a socket extension: the runtime would take "
                    "the text behind its last dot for one");
  std::string path = folder + "/" + name + suffix;
  if (path.size() > kMaxPathBytes)
    return Fail(ErrorKind::kInvalidArgument,
                "socket path \"" + path + "\" has " + std::to_string(path.size()) +
                    " bytes, a Unix socket's path at most " + std::to_string(kMaxPathBytes) +
                    "; choose a shorter folder or name");
  return path;
}

}  // namespace dapr::component
