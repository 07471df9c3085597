#pragma once

// The socket folder as the runtime lists it, and who may connect to what is in it.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/result.h"

namespace injector::runtime {

inline constexpr std::string_view kDefaultSocketFolder = "/tmp/dapr-components-sockets";

// A folder with more entries than this is another folder than was meant; the rest is not read.
inline constexpr std::size_t kMaxFolderEntries = 1024;

// What `sockaddr_un` holds without its NUL.
inline constexpr std::size_t kMaxSocketPath = 107;

// Tells one file from another that took its name.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

enum class FileType { kSocket, kFolder, kLink, kOther, kVanished };

struct FolderEntry {
  std::string name;  // within the folder
  std::string path;
  FileType type = FileType::kOther;
  mode_t mode = 0;  // permission bits
  uid_t owner = 0;
  gid_t group = 0;
  FileIdentity identity;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// DAPR_COMPONENTS_SOCKETS_FOLDER, else DAPR_COMPONENT_SOCKETS_FOLDER (the name that the injector
// sets on containers), else the default. One that is set wins even when it is empty.
[[nodiscard]] std::string SocketFolderOf(const Environment& environment);

// The entries of `folder` by name, without `.` and `..`. Links are not followed.
// Out: none when the folder does not exist; one that vanished meanwhile is kVanished.
// Errors: kDenied or kUnreachable when the folder cannot be read or is none.
[[nodiscard]] Result<std::vector<FolderEntry>> ListFolder(const std::string& folder);

// The component's name: the file's name up to its last dot, in lower case; "" is no name.
[[nodiscard]] std::string ComponentNameOf(std::string_view file);

struct User {
  uid_t uid;
  gid_t gid;
};

// Whether the mode bits of `entry` let `user` connect: write permission is what counts.
[[nodiscard]] bool MayConnect(const FolderEntry& entry, const User& user);

// "0644", for messages.
[[nodiscard]] std::string ModeText(mode_t mode);

}  // namespace injector::runtime
