#include "webhook/resource_files.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <utility>

#include "k8s/advice.h"
#include "k8s/manifest.h"
#include "webhook/file_state.h"
#include "webhook/text_file.h"

namespace injector::webhook {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxTries = 3;

struct Listing {
  std::vector<std::string> files;  // each once, in order
  std::vector<std::string> faults;
};

Listing ListAll(const std::vector<std::string>& paths) {
  Listing listing;
  std::set<std::string> known;
  for (const std::string& path : paths) {
    const auto files = ListManifestFiles(path);
    if (!files) {
      listing.faults.push_back(files.error().message);
      continue;
    }
    for (const std::string& file : *files) {
      std::error_code error;
      const fs::path canonical = fs::canonical(file, error);
      if (known.insert(error ? file : canonical.string()).second) listing.files.push_back(file);
    }
  }
  return listing;
}

std::string StateOf(const std::vector<std::string>& paths,
                    std::chrono::system_clock::time_point now) {
  const Listing listing = ListAll(paths);
  std::string state = StateOfFiles(listing.files, now);
  for (const std::string& fault : listing.faults) state += fault + '\n';
  return state;
}

class Reader {
 public:
  explicit Reader(ResourceCollector& collector) : collector_(collector) {}

  // Returns a hash of all that was read, faults included.
  std::size_t Run(const std::vector<std::string>& paths) && {
    const Listing listing = ListAll(paths);
    for (const std::string& fault : listing.faults) Refuse(fault);
    for (const std::string& file : listing.files) Read(file);
    return std::hash<std::string>()(digest_);
  }

 private:
  void Read(const std::string& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
      return Refuse(file + ": " + (error ? error.message() : "expected a file or a folder"));
    }
    const auto text = ReadTextFile(file, k8s::kMaxManifestBytes, k8s::kDivideManifests);
    if (!text) return Refuse(text.error().message);
    bytes_ += text->size();
    if (bytes_ > kMaxResourceBytes) {
      return Refuse(file + ": the resource files hold more than " +
                    std::to_string(kMaxResourceBytes >> 20U) + " MiB; name fewer of them");
    }
    Note(file);
    Note(*text);
    collector_.AddText(file, *text);
  }

  void Refuse(std::string fault) {
    Note(fault);
    collector_.AddFault(std::move(fault));
  }

  void Note(std::string_view text) {
    digest_ += std::to_string(text.size()) + ' ' +
               std::to_string(std::hash<std::string_view>()(text)) + '\n';
  }

  ResourceCollector& collector_;
  std::size_t bytes_ = 0;
  std::string digest_;
};

}  // namespace

void CollectFiles(const std::vector<std::string>& paths, ResourceCollector& collector) {
  Reader(collector).Run(paths);
}

ResourceFiles::ResourceFiles(std::vector<std::string> paths)
    : paths_(std::move(paths)), set_(ResourceCollector().Finish().value()) {}

Result<bool> ResourceFiles::Reload() {
  const std::lock_guard lock(reload_mutex_);
  const auto now = std::chrono::system_clock::now();
  std::string state = StateOf(paths_, now);
  if (state == seen_) return false;
  ResourceCollector collector;
  std::size_t hash = Reader(collector).Run(paths_);
  // A set torn by a change between two files must not be used.
  for (int tries = 1; tries < kMaxTries && StateOf(paths_, now) != state; ++tries) {
    state = StateOf(paths_, now);
    collector = ResourceCollector();
    hash = Reader(collector).Run(paths_);
  }
  const bool same = !seen_.empty() && hash == hash_;
  seen_ = std::move(state);
  hash_ = hash;
  if (same) return false;
  auto set = collector.Finish();
  if (!set) return tl::unexpected(std::move(set.error()));
  const std::lock_guard set_lock(set_mutex_);
  set_ = *std::move(set);
  return true;
}

std::shared_ptr<const ResourceSet> ResourceFiles::Current() const {
  const std::lock_guard lock(set_mutex_);
  return set_;
}

patch::Result<patch::ComponentLook> ResourceFiles::Components(
    std::string_view namespace_name, const std::vector<std::string>&,
    std::chrono::steady_clock::time_point) {
  return patch::ComponentLook{Current()->ComponentsOf(namespace_name)};
}

}  // namespace injector::webhook
