#include "runtime/socket_files.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace injector::runtime {
namespace {

constexpr mode_t kPermissionBits = 07777;

FileType TypeOf(mode_t mode) {
  if (S_ISSOCK(mode)) return FileType::kSocket;
  if (S_ISDIR(mode)) return FileType::kFolder;
  if (S_ISLNK(mode)) return FileType::kLink;
  return FileType::kOther;
}

FolderEntry EntryOf(const std::string& folder, std::string name) {
  FolderEntry entry;
  entry.path = folder + "/" + name;
  entry.name = std::move(name);
  struct stat facts {};
  if (::lstat(entry.path.c_str(), &facts) != 0) {
    entry.type = FileType::kVanished;
    return entry;
  }
  constexpr std::int64_t kNanosecondsPerSecond = 1000000000;
  entry.type = TypeOf(facts.st_mode);
  entry.mode = facts.st_mode & kPermissionBits;
  entry.owner = facts.st_uid;
  entry.group = facts.st_gid;
  entry.identity = {facts.st_dev, facts.st_ino,
                    facts.st_ctim.tv_sec * kNanosecondsPerSecond + facts.st_ctim.tv_nsec};
  return entry;
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string SocketFolderOf(const Environment& environment) {
  for (const char* name : {"DAPR_COMPONENTS_SOCKETS_FOLDER", "DAPR_COMPONENT_SOCKETS_FOLDER"}) {
    if (auto value = environment(name)) return *value;
  }
  return std::string(kDefaultSocketFolder);
}

Result<std::vector<FolderEntry>> ListFolder(const std::string& folder) {
  std::vector<FolderEntry> entries;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) {
    const int fault = errno;
    if (fault == ENOENT) return entries;
    return Fail(fault == EACCES ? ErrorKind::kDenied : ErrorKind::kUnreachable,
                "cannot read socket folder " + folder + ": " +
                    std::system_category().message(fault) +
                    "; expected a folder that this user may read");
  }
  std::vector<std::string> names;
  // Each stream is one thread's own.
  while (const dirent* found = ::readdir(open.get())) {  // NOLINT(concurrency-mt-unsafe)
    std::string name = found->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == kMaxFolderEntries) break;
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  entries.reserve(names.size());
  for (std::string& name : names) entries.push_back(EntryOf(folder, std::move(name)));
  return entries;
}

std::string ComponentNameOf(std::string_view file) {
  std::string name(file.substr(0, file.rfind('.')));
  std::transform(name.begin(), name.end(), name.begin(), Lower);
  return name;
}

bool MayConnect(const FolderEntry& entry, const User& user) {
  constexpr mode_t kOwnerWrites = 0200;
  constexpr mode_t kGroupWrites = 0020;
  constexpr mode_t kOthersWrite = 0002;
  if (user.uid == 0) return true;
  if (user.uid == entry.owner) return (entry.mode & kOwnerWrites) != 0;
  if (user.gid == entry.group) return (entry.mode & kGroupWrites) != 0;
  return (entry.mode & kOthersWrite) != 0;
}

std::string ModeText(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode & kPermissionBits);
  return text.data();
}

}  // namespace injector::runtime
