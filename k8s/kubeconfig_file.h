#pragma once

// The files of a kubeconfig and the entries of their lists, each of which knows where it stands.
// Source: client-go tools/clientcmd/api/v1 Config.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "k8s/error.h"

namespace injector::k8s {

struct KubeconfigFile {
  std::string path;
  nlohmann::ordered_json value;
};

// The content of an entry of one of the lists: an object.
struct KubeconfigEntry {
  std::string file;
  std::string where;  // "users[dev].user"
  nlohmann::ordered_json value;

  // "FILE: users[dev].user.FIELD"
  [[nodiscard]] std::string Place(const std::string& field) const;
  // kConfiguration: place and `why`.
  [[nodiscard]] tl::unexpected<ApiError> Complain(const std::string& field,
                                                  const std::string& why) const;
  // The text member; "" when missing or null.
  [[nodiscard]] ApiResult<std::string> Text(const std::string& field) const;
  // The member that is a list of texts; empty when missing or null.
  [[nodiscard]] ApiResult<std::vector<std::string>> Texts(const std::string& field) const;
};

// In: `paths` as in the variable KUBECONFIG; missing files are passed over unless there is only
// one. Out: at least one file.
// Errors: kConfiguration, naming the file.
// Blocks: reads files.
[[nodiscard]] ApiResult<std::vector<KubeconfigFile>> ReadKubeconfigFiles(
    const std::vector<std::string>& paths);

// The first entry called `name` of a list such as "clusters", whose content is the member
// `content`; absent or null content is an empty object.
// Errors: kConfiguration, naming file and field; also when there is none.
[[nodiscard]] ApiResult<KubeconfigEntry> FindKubeconfigEntry(
    const std::vector<KubeconfigFile>& files, const std::string& list, const std::string& name,
    const char* content);

}  // namespace injector::k8s
