#include "yaml_store.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iterator>

namespace yaml_secrets {

using dapr::component::ErrorKind;
using dapr::component::Fail;
using dapr::component::Properties;
using dapr::component::Result;
using dapr::component::Secret;

namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrorKind::kUnavailable, "cannot read " + path);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes)
    return Fail(ErrorKind::kUnavailable, path + " is over 1 MiB; split it");
  return text;
}

Result<Secrets> ReadMap(const YAML::Node& root, const std::string& path) {
  if (!root.IsMap()) return Fail(ErrorKind::kFailedPrecondition, path + " is not a map of secrets");
  Secrets secrets;
  for (const auto& entry : root) {
    const std::string name = entry.first.as<std::string>();
    Secret& secret = secrets[name];
    if (entry.second.IsScalar()) {
      secret[name] = entry.second.as<std::string>();
      continue;
    }
    if (!entry.second.IsMap())
      return Fail(ErrorKind::kFailedPrecondition,
                  path + ": secret " + name + " is neither text nor a map of texts");
    for (const auto& pair : entry.second)
      secret[pair.first.as<std::string>()] = pair.second.as<std::string>();
  }
  return secrets;
}

}  // namespace

Result<Secrets> LoadSecrets(const std::string& path) {
  const Result<std::string> text = ReadFile(path);
  if (!text) return tl::unexpected(text.error());
  try {
    return ReadMap(YAML::Load(*text), path);
  } catch (const YAML::Exception& fault) {
    // The library's text may quote the file: only the place is told.
    return Fail(ErrorKind::kFailedPrecondition,
                path + ":" + std::to_string(fault.mark.line + 1) + " is not the YAML expected");
  }
}

Result<void> YamlStore::Init(const Properties& metadata) {
  const auto file = metadata.find("secretsFile");
  if (file == metadata.end() || file->second.empty())
    return Fail(ErrorKind::kInvalidArgument, "metadata \"secretsFile\" is missing; name the file");
  const Result<Secrets> loaded = LoadSecrets(file->second);
  if (!loaded) return tl::unexpected(loaded.error());
  const std::lock_guard<std::mutex> lock(mutex_);
  path_ = file->second;
  return {};
}

Result<Secret> YamlStore::Get(const std::string& key, const Properties& /*metadata*/) {
  Result<Secrets> secrets = LoadSecrets(Path());
  if (!secrets) return tl::unexpected(secrets.error());
  const auto found = secrets->find(key);
  if (found == secrets->end()) return Fail(ErrorKind::kNotFound, "there is no secret " + key);
  return found->second;
}

Result<Secrets> YamlStore::BulkGet(const Properties& /*metadata*/) {
  return LoadSecrets(Path());
}

std::vector<dapr::component::SecretFeature> YamlStore::Features() const {
  return {dapr::component::SecretFeature::kMultipleKeyValuesPerSecret};
}

std::string YamlStore::Path() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return path_;
}

}  // namespace yaml_secrets
