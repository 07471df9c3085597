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

// Threads: Find and Size from any; the others from one thread at a time.
class ComponentStore {
 public:
  // By name; never null, empty when the namespace holds none.
  [[nodiscard]] std::shared_ptr<const patch::ComponentList> Find(
      std::string_view namespace_name) const;
  // How many Components there are.
  [[nodiscard]] std::size_t Size() const { return size_.load(); }

  // In: objects of the API; whatever is wrong with one becomes a fault of that Component. What is
  // added after a Begin replaces everything with the Commit.
  void Begin() { next_ = {}; }
  void Add(const nlohmann::json& object);
  void Commit();
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
  struct Objects {
    std::map<std::string, Namespace> by_namespace;
    std::size_t size = 0;

    void Put(std::shared_ptr<const patch::Component> component);
  };
  using Lists = std::unordered_map<std::string, std::shared_ptr<const patch::ComponentList>,
                                   TextHash, std::equal_to<>>;

  void Publish(const std::string& namespace_name);

  Objects objects_;  // these two of the thread that changes
  Objects next_;
  std::atomic<std::size_t> size_{0};

  mutable std::mutex mutex_;
  Lists lists_;  // guarded by mutex_, which is held for a look-up, a swap, or one entry's change
};

// The Components that a LIST of one namespace answers, read one by one.
class ListedComponents {
 public:
  // In: an object of the API; whatever is wrong with it becomes a fault of that Component.
  void Add(const nlohmann::json& object);
  // By name; never null.
  [[nodiscard]] std::shared_ptr<const patch::ComponentList> List() const;

 private:
  std::map<std::string, std::shared_ptr<const patch::Component>> by_name_;
};

}  // namespace injector::webhook
