#pragma once

// The Components of a cluster, or of one of its namespaces: read once when they change, handed out
// as immutable lists. Readers never wait for a change.

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "patch/component.h"

namespace injector::webhook {

// Threads: Replace, Put and Remove from one thread at a time; the others from any.
class ComponentStore {
 public:
  // By name; never null, empty when the namespace holds none.
  [[nodiscard]] std::shared_ptr<const patch::ComponentList> Find(
      std::string_view namespace_name) const;
  // How many Components there are.
  [[nodiscard]] std::size_t Size() const { return size_.load(); }

  // In: objects of the API; whatever is wrong with one becomes a fault of that Component.
  void Replace(std::vector<nlohmann::json> items);
  void Put(const nlohmann::json& object);
  void Remove(const nlohmann::json& object);

 private:
  using Namespace = std::map<std::string, std::shared_ptr<const patch::Component>>;  // by name
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Lists = std::unordered_map<std::string, std::shared_ptr<const patch::ComponentList>,
                                   TextHash, std::equal_to<>>;

  void Publish(const std::string& namespace_name);

  std::map<std::string, Namespace> objects_;  // of the thread that changes
  std::atomic<std::size_t> size_{0};

  mutable std::mutex mutex_;
  Lists lists_;  // guarded by mutex_, which is held for a look-up, a swap, or one entry's change
};

// The Components that a LIST of one namespace answered, by name.
[[nodiscard]] std::shared_ptr<const patch::ComponentList> MakeComponentList(
    const std::vector<nlohmann::json>& items);

}  // namespace injector::webhook
