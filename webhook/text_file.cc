#include "webhook/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace injector::webhook {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

tl::unexpected<Error> FailFor(const std::string& path, const std::error_code& code) {
  return Fail(ErrorKind::kFile, path + ": " + code.message());
}

tl::unexpected<Error> FailForErrno(const std::string& path) {
  return FailFor(path, std::error_code(errno, std::generic_category()));
}

bool IsManifestName(const fs::path& name) {
  const std::string text = name.string();
  if (text.starts_with('.')) return false;
  const std::string extension = name.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

}  // namespace

Result<std::string> ReadTextFile(const std::string& path, std::size_t max_bytes,
                                 const std::string& advice) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return FailForErrno(path);
  std::string text;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t count = ::read(file.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FailForErrno(path);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > max_bytes) {
      return Fail(ErrorKind::kFile,
                  path + ": larger than " + std::to_string(max_bytes) + " bytes; " + advice);
    }
  }
}

Result<std::vector<std::string>> ListManifestFiles(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error) return FailFor(path, error);
  if (!fs::is_directory(status)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (!IsManifestName(entry->path().filename())) continue;
    std::error_code ignored;
    if (fs::is_directory(entry->path(), ignored)) continue;
    files.push_back(entry->path().string());
    if (files.size() > kMaxFilesPerFolder) {
      return Fail(ErrorKind::kFile, path + ": holds more than " +
                                        std::to_string(kMaxFilesPerFolder) +
                                        " manifest files; name the right folder, or divide it");
    }
  }
  if (error) return FailFor(path, error);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace injector::webhook
