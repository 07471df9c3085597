#include "webhook/socket_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace injector::webhook {
namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

FileIdentity IdentityOf(const struct stat& found) {
  constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
  return {found.st_dev, found.st_ino,
          found.st_ctim.tv_sec * kNanosecondsPerSecond + found.st_ctim.tv_nsec};
}

void AddEntry(const std::filesystem::path& path, SocketFolder& listed) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return;  // gone since it was listed
  if (S_ISSOCK(found.st_mode)) {
    listed.sockets.push_back({path.filename().string(), IdentityOf(found)});
  } else if (!S_ISDIR(found.st_mode)) {
    listed.not_sockets.push_back(path.filename().string());
  }
}

}  // namespace

SocketFolder ListSockets(const std::string& folder) {
  SocketFolder listed;
  std::error_code fault;
  std::filesystem::directory_iterator entry(folder, fault);
  for (std::size_t seen = 0;
       !fault && entry != std::filesystem::directory_iterator() && seen < kMaxFolderEntries;
       ++seen) {
    AddEntry(entry->path(), listed);
    entry.increment(fault);
  }
  if (fault && fault != std::errc::no_such_file_or_directory) listed.fault = fault.message();
  std::sort(listed.sockets.begin(), listed.sockets.end(),
            [](const SocketFile& a, const SocketFile& b) { return a.name < b.name; });
  std::sort(listed.not_sockets.begin(), listed.not_sockets.end());
  return listed;
}

std::string_view ComponentNameOf(std::string_view file) {
  return file.substr(0, file.rfind('.'));
}

bool IsSocketCalled(std::string_view file, std::string_view socket) {
  const std::string_view name = ComponentNameOf(file);
  return std::equal(name.begin(), name.end(), socket.begin(), socket.end(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

}  // namespace injector::webhook
