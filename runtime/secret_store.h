#pragma once

// A secret store as daprd calls it.

#include <map>
#include <string>
#include <vector>

#include "runtime/instance.h"

namespace injector::runtime {

// Errors and threads: as StateStore.
class SecretStore {
 public:
  explicit SecretStore(InstanceSpec spec) : instance_(std::move(spec)) {}

  [[nodiscard]] Result<void> Init();
  [[nodiscard]] Result<std::vector<std::string>> Features();
  // The pairs of one secret; a key that is absent is an error or no pair, as the component likes.
  [[nodiscard]] Result<Properties> Get(const std::string& key, const Properties& metadata);
  // All secrets by key.
  [[nodiscard]] Result<std::map<std::string, Properties>> BulkGet(const Properties& metadata);
  [[nodiscard]] Result<void> Ping();
  [[nodiscard]] Instance& instance() { return instance_; }

 private:
  Instance instance_;
};

}  // namespace injector::runtime
