#pragma once

// The embedded source: Components and the Configuration daprsystem from files and folders, followed
// when they change. A Component whose manifest names no namespace belongs to every namespace.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "webhook/component_source.h"
#include "webhook/resource_set.h"
#include "webhook/result.h"

namespace injector::webhook {

// What the files of all paths may hold together.
inline constexpr std::size_t kMaxResourceBytes = std::size_t{64} << 20;

// Gives `collector` every manifest file of `paths`, each file once, and every fault on the way.
// Blocks: on reading the files.
void CollectFiles(const std::vector<std::string>& paths, ResourceCollector& collector);

// Threads: safe; readers never wait for a Reload.
class ResourceFiles : public ComponentSource {
 public:
  // In: files and folders, in order. Reads nothing yet; until the first Reload the set is empty.
  explicit ResourceFiles(std::vector<std::string> paths);

  // Reads the files again when any of them changed: content, or what a symbolic link on the way
  // leads to.
  // Out: true when a new set is in use, false when nothing changed since the last call.
  // Errors: kFile, with every fault, one a line; the last good set stays in use. An error is
  // reported once: the next call without a change says false.
  // Blocks: on reading the files.
  [[nodiscard]] Result<bool> Reload();

  // The last good set, never null.
  [[nodiscard]] std::shared_ptr<const ResourceSet> Current() const;

  // Never fails, never waits: what the files say is all there is.
  [[nodiscard]] patch::Result<patch::ComponentLook> Components(
      std::string_view namespace_name, const std::vector<std::string>& required,
      std::chrono::steady_clock::time_point deadline) override;

 private:
  const std::vector<std::string> paths_;

  std::mutex reload_mutex_;
  std::string seen_;      // the files' state at the last Reload; guarded by reload_mutex_
  std::size_t hash_ = 0;  // of what was read then; guarded by reload_mutex_

  mutable std::mutex set_mutex_;
  std::shared_ptr<const ResourceSet> set_;  // guarded by set_mutex_
};

}  // namespace injector::webhook
