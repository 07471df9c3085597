#pragma once

// User ids of service accounts that may have sidecars, as the cluster knows them: they count beside
// the accounts' names.

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace injector::webhook {

// Threads: safe.
class AllowedUids {
 public:
  void Set(std::set<std::string, std::less<>> uids) {
    auto next = std::make_shared<const Uids>(std::move(uids));
    const std::lock_guard lock(mutex_);
    current_ = std::move(next);
  }

  // An empty uid is never one of them.
  [[nodiscard]] bool Holds(std::string_view uid) const {
    std::shared_ptr<const Uids> current;
    {
      const std::lock_guard lock(mutex_);
      current = current_;
    }
    return !uid.empty() && current->contains(uid);
  }

 private:
  using Uids = std::set<std::string, std::less<>>;

  mutable std::mutex mutex_;
  std::shared_ptr<const Uids> current_ = std::make_shared<const Uids>();  // guarded by mutex_
};

}  // namespace injector::webhook
