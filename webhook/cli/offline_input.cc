#include "webhook/cli/offline_input.h"

#include <array>
#include <istream>
#include <utility>

#include "webhook/resource_files.h"
#include "webhook/text_file.h"

namespace injector::webhook {
namespace {

constexpr const char* kStandardInput = "-";
constexpr const char* kStandardInputName = "stdin";

Result<std::string> ReadStream(std::istream& in) {
  std::string text;
  std::array<char, 16384> buffer{};
  while (in.read(buffer.data(), buffer.size()), in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > k8s::kMaxManifestBytes) {
      return Fail(ErrorKind::kFile, std::string(kStandardInputName) + ": larger than " +
                                        std::to_string(k8s::kMaxManifestBytes) + " bytes");
    }
  }
  return text;
}

class Loader {
 public:
  explicit Loader(std::istream& in) : in_(in) {}

  void AddResources(const std::vector<std::string>& paths) {
    CollectFiles(paths, collector_);
    collector_.StartOver();
  }

  void AddPath(const std::string& path) {
    if (path == kStandardInput) return AddText(kStandardInputName, ReadStream(in_));
    const auto files = ListManifestFiles(path);
    if (!files) return collector_.AddFault(files.error().message);
    for (const std::string& file : *files) {
      AddText(file, ReadTextFile(file, k8s::kMaxManifestBytes));
    }
  }

  Result<OfflineInput> Finish() && {
    auto resources = collector_.Finish();
    if (!resources) return tl::unexpected(std::move(resources.error()));
    input_.resources = *std::move(resources);
    return std::move(input_);
  }

 private:
  void AddText(const std::string& name, Result<std::string> text) {
    if (!text) return collector_.AddFault(std::move(text.error().message));
    auto manifests = k8s::ParseManifests(*text, name);
    if (!manifests) return collector_.AddFault(manifests.error().Text());
    for (const k8s::Manifest& manifest : *manifests) collector_.AddManifest(name, manifest);
    input_.files.push_back({name, *std::move(text), *std::move(manifests)});
  }

  std::istream& in_;
  ResourceCollector collector_;
  OfflineInput input_;
};

}  // namespace

Result<OfflineInput> LoadOfflineInput(const std::vector<std::string>& files,
                                      const std::vector<std::string>& resources, std::istream& in) {
  Loader loader(in);
  loader.AddResources(resources);
  for (const std::string& file : files) loader.AddPath(file);
  return std::move(loader).Finish();
}

}  // namespace injector::webhook
