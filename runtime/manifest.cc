#include "runtime/manifest.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <tuple>

#include "k8s/advice.h"
#include "k8s/go_duration.h"
#include "k8s/manifest.h"
#include "k8s/manifest_text.h"
#include "runtime/component_kind.h"
#include "runtime/manifest_reader.h"

namespace injector::runtime {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxFiles = 1000;

std::string TextAt(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return "";
  return found->get<std::string>();
}

const Json& ObjectAt(const Json& object, const char* key) {
  static const Json kNone = Json::object();
  const auto found = object.find(key);
  return found == object.end() || !found->is_object() ? kNone : *found;
}

std::optional<std::string> ValueText(const Json& item) {
  const auto found = item.find("value");
  if (found == item.end() || found->is_null()) return std::nullopt;
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::vector<MetadataItem> ItemsOf(const Json& spec) {
  std::vector<MetadataItem> items;
  const auto found = spec.find("metadata");
  if (found == spec.end() || !found->is_array()) return items;
  for (const Json& item : *found) {
    if (!item.is_object()) continue;
    const Json& secret = ObjectAt(item, "secretKeyRef");
    MetadataItem read{TextAt(item, "name"), ValueText(item), TextAt(secret, "name"),
                      TextAt(secret, "key"), TextAt(item, "envRef")};
    if (read.secret_key.empty()) read.secret_key = read.secret_name;
    items.push_back(std::move(read));
  }
  return items;
}

std::chrono::milliseconds TimeoutOf(const Json& spec) {
  constexpr std::chrono::milliseconds kDefault(5000);
  const auto duration = k8s::ParseGoDuration(TextAt(spec, "initTimeout"));
  if (!duration || duration->count() <= 0) return kDefault;
  return std::chrono::ceil<std::chrono::milliseconds>(*duration);
}

Manifest Read(const Json& object) {
  Manifest manifest;
  const Json& metadata = ObjectAt(object, "metadata");
  const Json& spec = ObjectAt(object, "spec");
  manifest.name = TextAt(metadata, "name");
  manifest.name_space = TextAt(metadata, "namespace");
  manifest.type = TextAt(spec, "type");
  manifest.version = TextAt(spec, "version");
  const auto ignore = spec.find("ignoreErrors");
  manifest.ignore_errors = ignore != spec.end() && ignore->is_boolean() && ignore->get<bool>();
  manifest.init_timeout = TimeoutOf(spec);
  manifest.items = ItemsOf(spec);
  manifest.secret_store = TextAt(ObjectAt(object, "auth"), "secretStore");
  const auto scopes = object.find("scopes");
  if (scopes != object.end() && scopes->is_array()) {
    for (const Json& scope : *scopes)
      if (scope.is_string()) manifest.scopes.push_back(scope.get<std::string>());
  }
  return manifest;
}

// Why the Component cannot be loaded; "" when it can.
std::string FaultOf(const Manifest& manifest) {
  const std::string& name = manifest.name;
  if (name.empty()) return "metadata.name is missing";
  if (name == "." || name == ".." || name.find_first_of("/%") != std::string::npos)
    return "metadata.name \"" + name + "\" cannot be part of a path";
  if (manifest.type.empty()) return "spec.type is missing; expected <kind>.<name>, as state.redis";
  const bool known = std::any_of(kKinds.begin(), kKinds.end(), [&](const KindNames& kind) {
    return manifest.Category() == kind.category;
  });
  if (!known || manifest.Component().empty())
    return "incorrect type " + manifest.type +
           "; expected pubsub, state, bindings or secretstores before a dot, and a name behind it";
  return "";
}

bool IsManifestFile(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".yaml" || ending == ".yml";
}

// Reads one file into the set.
class FileReader {
 public:
  FileReader(std::string file, ManifestSet& set) : file_(std::move(file)), set_(set) {}

  void Read() {
    std::error_code ignored;
    // Opening a pipe would wait for its writer.
    if (!std::filesystem::is_regular_file(file_, ignored))
      return Fault(file_, "", "no ordinary file; put the manifest itself there");
    std::ifstream stream(file_, std::ios::binary);
    if (!stream) return Fault(file_, "", "cannot be opened; it must be readable for this user");
    std::string text(k8s::kMaxManifestBytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > k8s::kMaxManifestBytes)
      return Fault(file_, "", std::string("larger than 8 MiB; ") + k8s::kDivideManifests);
    if (!stream.eof()) return Fault(file_, "", "reading it failed; the medium may be at fault");
    // Each document is judged alone: one that is no YAML does not take the others with it.
    for (const k8s::Segment& segment : k8s::SplitDocuments(text)) {
      const std::size_t line = k8s::PositionOf(text, segment.begin).line;
      ReadDocument(std::string_view(text).substr(segment.begin, segment.limit - segment.begin),
                   line);
    }
  }

 private:
  void ReadDocument(std::string_view text, std::size_t line) {
    auto parsed = k8s::ParseManifests(text, file_);
    if (!parsed) {
      const k8s::TextFault& fault = parsed.error();
      return Fault(file_ + ":" + std::to_string(line + std::max<std::size_t>(fault.line, 1) - 1),
                   "", fault.message);
    }
    for (const k8s::Manifest& document : *parsed)
      TakeObject(document.value, file_, line + document.line - 1, set_);
  }

  void Fault(std::string place, std::string name, std::string message) {
    set_.faults.push_back({std::move(place), std::move(name), std::move(message)});
  }

  std::string file_;
  ManifestSet& set_;
};

}  // namespace

void TakeObject(const Json& object, const std::string& file, std::size_t line, ManifestSet& set) {
  if (!object.is_object() || TextAt(object, "kind") != "Component" ||
      TextAt(object, "apiVersion") != "dapr.io/v1alpha1")
    return;
  Manifest manifest = Read(object);
  manifest.file = file;
  manifest.line = line;
  const std::string fault = FaultOf(manifest);
  if (fault.empty()) {
    set.manifests.push_back(std::move(manifest));
  } else {
    set.faults.push_back({manifest.Place(), manifest.name, fault});
  }
}

std::string Manifest::Component() const {
  const auto dot = type.find('.');
  // Registered and looked up in lower case.
  std::string component = dot == std::string::npos ? "" : type.substr(dot + 1);
  std::transform(component.begin(), component.end(), component.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return component;
}

bool Manifest::SameAs(const Manifest& other) const {
  const auto parts = [](const Manifest& manifest) {
    return std::tie(manifest.name, manifest.name_space, manifest.type, manifest.version,
                    manifest.ignore_errors, manifest.init_timeout, manifest.items,
                    manifest.secret_store, manifest.scopes);
  };
  return parts(*this) == parts(other);
}

Result<ManifestSet> LoadManifests(const std::vector<std::string>& folders) {
  ManifestSet set;
  for (const std::string& folder : folders) {
    std::error_code fault;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator entry(folder, fault), end; !fault && entry != end;
         entry.increment(fault)) {
      std::error_code ignored;
      if (entry->is_directory(ignored)) {
        if (IsManifestFile(entry->path()))
          set.faults.push_back(
              {entry->path().string(), "", "a folder; name it too to have its files read", true});
        continue;
      }
      if (IsManifestFile(entry->path())) {
        files.push_back(entry->path());
      } else {
        set.faults.push_back({entry->path().string(), "", "not .yaml or .yml", true});
      }
      if (files.size() > kMaxFiles)
        return Fail(ErrorKind::kManifest,
                    "folder " + folder + " holds more than 1000 manifests; divide it");
    }
    if (fault)
      return Fail(ErrorKind::kManifest, "cannot read folder " + folder + ": " + fault.message() +
                                            "; expected a folder of manifests");
    std::sort(files.begin(), files.end());
    for (const auto& file : files) FileReader(file.string(), set).Read();
  }
  return set;
}

}  // namespace injector::runtime
