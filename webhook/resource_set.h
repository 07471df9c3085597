#pragma once

// What manifest files tell the injector: Components by namespace, and whether mTLS is on. Feed a
// ResourceCollector, then call Finish.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s/manifest.h"
#include "patch/component.h"
#include "webhook/manifest_objects.h"
#include "webhook/result.h"

namespace injector::webhook {

// Immutable once finished; safe to share between threads.
class ResourceSet {
 public:
  // The Components of a namespace, by name: its own, and those whose manifest names no namespace
  // and which therefore belong to every namespace. Of one name its own wins. Never null.
  [[nodiscard]] std::shared_ptr<const patch::ComponentList> ComponentsOf(
      std::string_view namespace_name) const;

  bool mtls_enabled = true;  // Configuration daprsystem; true when it does not say
  std::size_t component_count = 0;
  std::size_t ignored_count = 0;  // objects of other kinds

 private:
  friend class ResourceCollector;
  std::map<std::string, std::shared_ptr<const patch::ComponentList>, std::less<>> by_namespace_;
  std::shared_ptr<const patch::ComponentList> everywhere_;
};

// Reads dapr.io/v1alpha1 Components and the Configuration daprsystem, passes over anything else.
// A Component with a fault in it is kept, with its fault; one without a name is refused.
class ResourceCollector {
 public:
  void AddText(const std::string& file, std::string_view text);
  void AddManifest(const std::string& file, const k8s::Manifest& manifest);
  // An object of a cluster, whole. A later Component of its name replaces it also when that one's
  // manifest names no namespace.
  // In: `origin` is the cluster's name, for faults.
  void AddClusterObject(const std::string& origin, const nlohmann::ordered_json& value);
  void AddFault(std::string sentence);
  [[nodiscard]] bool HasFault() const { return !faults_.empty(); }

  // Objects that come from now on replace those of the same name and namespace that came before,
  // instead of being a fault.
  void StartOver() { ++layer_; }

  // Errors: kFile, with every fault, one a line, each with file, line and column: texts that are
  // no manifests, two Components of one name and namespace (both places), a bad daprsystem.
  [[nodiscard]] Result<std::shared_ptr<const ResourceSet>> Finish();

 private:
  struct Place {
    std::string text;  // "a.yaml:3:1"
    std::size_t layer = 0;
    bool of_cluster = false;
  };
  struct Found {
    std::shared_ptr<const patch::Component> component;
    Place place;
  };
  using Key = std::pair<std::string, std::string>;  // namespace, name

  void AddObject(const ManifestObject& object, const Place& place);
  void AddComponent(const nlohmann::ordered_json& value, const Place& place);
  void AddDaprSystem(const nlohmann::ordered_json& value, const Place& place);
  void DropReplacedOfCluster();
  // Whether the newcomer may stand; a fault is noted when it may not.
  [[nodiscard]] bool Replaces(const Place& old, const Place& place, const std::string& title);

  std::size_t layer_ = 0;
  std::map<Key, Found> components_;
  std::optional<Place> dapr_system_;
  bool mtls_enabled_ = true;
  std::size_t ignored_count_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace injector::webhook
