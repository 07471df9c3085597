#include "k8s/kubeconfig_file.h"

#include <unistd.h>

#include <utility>

#include "k8s/followed_file.h"
#include "k8s/manifest.h"

namespace injector::k8s {
namespace {

using nlohmann::ordered_json;

// The member `content` of `entry`, which is element `name` of `list`; absent or null is empty.
ApiResult<KubeconfigEntry> ContentOf(const KubeconfigFile& file, const std::string& list,
                                     const std::string& name, const ordered_json& entry,
                                     const char* content) {
  KubeconfigEntry found{file.path, list + "[" + name + "]." + content,
                        entry.value(content, ordered_json::object())};
  if (found.value.is_null()) found.value = ordered_json::object();
  if (found.value.is_object()) return found;
  return ApiFail(ApiErrorKind::kConfiguration,
                 found.file + ": " + found.where + ": expected an object");
}

}  // namespace

std::string KubeconfigEntry::Place(const std::string& field) const {
  return file + ": " + where + "." + field;
}

tl::unexpected<ApiError> KubeconfigEntry::Complain(const std::string& field,
                                                   const std::string& why) const {
  return ApiFail(ApiErrorKind::kConfiguration, Place(field) + ": " + why);
}

ApiResult<std::string> KubeconfigEntry::Text(const std::string& field) const {
  const auto found = value.find(field);
  if (found == value.end() || found->is_null()) return std::string();
  if (found->is_string()) return found->get<std::string>();
  return Complain(field, "expected a string");
}

ApiResult<std::vector<std::string>> KubeconfigEntry::Texts(const std::string& field) const {
  std::vector<std::string> texts;
  const auto found = value.find(field);
  if (found == value.end() || found->is_null()) return texts;
  if (!found->is_array()) return Complain(field, "expected a list");
  for (const auto& item : *found) {
    if (!item.is_string()) return Complain(field, "expected a list of strings");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

ApiResult<std::vector<KubeconfigFile>> ReadKubeconfigFiles(const std::vector<std::string>& paths) {
  std::vector<KubeconfigFile> files;
  for (const std::string& path : paths) {
    if (paths.size() > 1 && ::access(path.c_str(), F_OK) != 0) continue;
    const auto text = FollowedFile(path).Text();
    if (!text) return tl::unexpected(text.error());
    const auto manifests = ParseManifests(*text, path);
    if (!manifests) return ApiFail(ApiErrorKind::kConfiguration, manifests.error().Text());
    if (manifests->size() != 1 || !manifests->front().value.is_object()) {
      return ApiFail(ApiErrorKind::kConfiguration, path + ": expected one kubeconfig document");
    }
    files.push_back({path, manifests->front().value});
  }
  if (!files.empty()) return files;
  std::string names;
  for (const std::string& path : paths) names.append(names.empty() ? "" : ", ").append(path);
  return ApiFail(ApiErrorKind::kConfiguration, "no kubeconfig file is there: " + names);
}

ApiResult<KubeconfigEntry> FindKubeconfigEntry(const std::vector<KubeconfigFile>& files,
                                               const std::string& list, const std::string& name,
                                               const char* content) {
  for (const KubeconfigFile& file : files) {
    const auto entries = file.value.find(list);
    if (entries == file.value.end() || entries->is_null()) continue;
    if (!entries->is_array()) {
      return ApiFail(ApiErrorKind::kConfiguration, file.path + ": " + list + ": expected a list");
    }
    for (const auto& entry : *entries) {
      if (entry.is_object() && entry.value("name", ordered_json()) == name) {
        return ContentOf(file, list, name, entry, content);
      }
    }
  }
  return ApiFail(ApiErrorKind::kConfiguration,
                 files.front().path + ": " + list + ": there is none named \"" + name + "\"");
}

}  // namespace injector::k8s
