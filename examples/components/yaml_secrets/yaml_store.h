#pragma once
// A secret store on a YAML file: secretstores.yaml-example.
//
// Manifest metadata: secretsFile (required). The file is one map: a scalar is a secret with one
// pair named like itself, a map of scalars is a secret with several. It is read on every call, so
// that a changed file (a re-mounted Kubernetes Secret) counts at once.

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "dapr_component_sdk/secret_store.h"

namespace yaml_secrets {

using Secrets = std::map<std::string, dapr::component::Secret>;

// Errors: kUnavailable when the file cannot be read or is over 1 MiB; kFailedPrecondition when it
// is not the map described above. No message quotes a value.
[[nodiscard]] dapr::component::Result<Secrets> LoadSecrets(const std::string& path);

class YamlStore final : public dapr::component::SecretStore {
 public:
  dapr::component::Result<void> Init(const dapr::component::Properties& metadata) override;
  // Errors: kNotFound when the file has no such secret; those of LoadSecrets.
  dapr::component::Result<dapr::component::Secret> Get(
      const std::string& key, const dapr::component::Properties& metadata) override;
  dapr::component::Result<Secrets> BulkGet(const dapr::component::Properties& metadata) override;
  std::vector<dapr::component::SecretFeature> Features() const override;

 private:
  std::string Path();

  std::mutex mutex_;
  std::string path_;  // guarded by mutex_
};

}  // namespace yaml_secrets
