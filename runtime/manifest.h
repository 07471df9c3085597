#pragma once

// Component manifests in folders of YAML, read as daprd reads --resources-path.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "runtime/instance.h"

namespace injector::runtime {

// One item of spec.metadata.
struct MetadataItem {
  std::string name;
  std::optional<std::string> value;  // as text; numbers, booleans and objects are their JSON
  std::string secret_name;           // of a secretKeyRef; "" when there is none
  std::string secret_key;
  std::string env_ref;

  bool operator==(const MetadataItem&) const = default;
};

struct Manifest {
  std::string file;
  std::size_t line = 0;
  std::string name;
  std::string name_space;  // metadata.namespace
  std::string type;        // "state.redis"
  std::string version;
  bool ignore_errors = false;
  std::chrono::milliseconds init_timeout{5000};
  std::vector<MetadataItem> items;
  std::string secret_store;  // auth.secretStore
  std::vector<std::string> scopes;

  [[nodiscard]] std::string Place() const { return file + ":" + std::to_string(line); }
  // Before and after the first dot of the type.
  [[nodiscard]] std::string Category() const { return type.substr(0, type.find('.')); }
  [[nodiscard]] std::string Component() const;
  // Whether both make the same instance, wherever they stand.
  [[nodiscard]] bool SameAs(const Manifest& other) const;
};

// A document that is no Component that can be loaded, or a file.
struct ManifestFault {
  std::string place;  // "file:line" or a path
  std::string name;   // of the Component; "" when it is not known
  std::string message;
  bool warning = false;  // the rest of it was loaded

  bool operator==(const ManifestFault&) const = default;
};

struct ManifestSet {
  std::vector<Manifest> manifests;  // by file name, then in the order of the file
  std::vector<ManifestFault> faults;
};

// The Components of `folders`, each not recursive: files that end in .yaml or .yml in any letter
// case. Objects of other kinds are passed over in silence.
// Out: what is at fault is named, the rest is loaded; names are not compared. initTimeout that is
// invalid, or not above zero, is 5 s.
// Errors: kManifest when a folder cannot be read.
// Source: Dapr's loader of resources.
[[nodiscard]] Result<ManifestSet> LoadManifests(const std::vector<std::string>& folders);

}  // namespace injector::runtime
