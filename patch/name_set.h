#pragma once

// A set of names that is quick for few and for many: lists of names come from reviews, which
// anybody can send, and a search of one list for each name of another takes hours at some
// megabytes.

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace injector::patch {

// The texts must outlive the set.
class NameSet {
 public:
  NameSet() = default;
  // In: a list of strings or views.
  template <class List>
  explicit NameSet(const List& names) {
    for (const std::string_view name : names) Insert(name);
  }

  // False when it was there already.
  bool Insert(std::string_view name) {
    if (!many_.empty()) return many_.insert(name).second;
    if (Contains(name)) return false;
    few_.push_back(name);
    if (few_.size() > kFew) many_.insert(few_.begin(), few_.end());
    return true;
  }

  [[nodiscard]] bool Contains(std::string_view name) const {
    if (!many_.empty()) return many_.contains(name);
    return std::find(few_.begin(), few_.end(), name) != few_.end();
  }

 private:
  static constexpr std::size_t kFew = 16;  // up to here a search is as quick as a hash

  std::vector<std::string_view> few_;
  std::unordered_set<std::string_view> many_;  // empty while there are few
};

}  // namespace injector::patch
