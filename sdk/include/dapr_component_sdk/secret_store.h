#pragma once
// Interface of a secret store. One object serves one manifest (instance).

#include <map>
#include <string>
#include <vector>

#include "dapr_component_sdk/error.h"

namespace dapr::component {

// The pairs of one secret.
using Secret = std::map<std::string, std::string>;

enum class SecretFeature { kMultipleKeyValuesPerSecret };

class SecretStore {
 public:
  virtual ~SecretStore() = default;

  [[nodiscard]] virtual Result<void> Init(const Properties& metadata) = 0;
  // Errors: kNotFound when there is no such secret (an empty answer is tolerated too).
  [[nodiscard]] virtual Result<Secret> Get(const std::string& key, const Properties& metadata) = 0;
  [[nodiscard]] virtual Result<std::map<std::string, Secret>> BulkGet(
      const Properties& metadata) = 0;
  [[nodiscard]] virtual std::vector<SecretFeature> Features() const { return {}; }
  [[nodiscard]] virtual Result<void> Ping() { return {}; }
};

}  // namespace dapr::component
