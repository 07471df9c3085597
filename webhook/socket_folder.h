#pragma once

// What daprd would find in the socket folder: its socket files, without following links and without
// looking into subfolders.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace injector::webhook {

// Tells one file from another that took its name.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

struct SocketFile {
  std::string name;  // within the folder
  FileIdentity identity;
};

struct SocketFolder {
  std::vector<SocketFile> sockets;       // by name
  std::vector<std::string> not_sockets;  // files that daprd passes over, by name
  std::string fault;                     // why the folder cannot be read; "" when it could
};

// More files than this are a mistake of somebody else; the rest is not looked at.
inline constexpr std::size_t kMaxFolderEntries = 1024;

// Lists `folder` once. A folder that is missing holds no sockets.
[[nodiscard]] SocketFolder ListSockets(const std::string& folder);

// The component's name: the file's name up to its last dot ("a.b.sock" is "a.b").
[[nodiscard]] std::string_view ComponentNameOf(std::string_view file);

// Whether `file` is the socket called `socket`: equal but for letter case and extension.
[[nodiscard]] bool IsSocketCalled(std::string_view file, std::string_view socket);

}  // namespace injector::webhook
