#pragma once

// Remarks on the items of a list that somebody else wrote: of each kind the first few are said one
// by one, the others counted. A list in a review may have hundreds of thousands of items, and a
// decision for each would cost many times the review's length.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "patch/decision.h"

namespace injector::patch {

// Add for each item, then Finish.
class BoundedRemarks {
 public:
  static constexpr std::size_t kSaid = 7;  // and the number: as many as an answer has warnings

  // In: `decisions` outlives this and gets the remarks.
  explicit BoundedRemarks(Decisions& decisions) : decisions_(decisions) {}

  // In: `make_text` returns the sentence; it is called for the first few only.
  template <class MakeText>
  void Add(Reason reason, std::string_view subject, const MakeText& make_text) {
    if (++counts_[reason] > kSaid) return;
    decisions_.push_back({reason, std::string(subject), make_text()});
  }

  // In: `list` names the list for people.
  void Finish(std::string_view list) {
    for (const auto& [reason, count] : counts_) {
      if (count <= kSaid) continue;
      decisions_.push_back({reason, "",
                            "and " + std::to_string(count - kSaid) + " more in " +
                                std::string(list) + ", for the same reason"});
    }
    counts_.clear();
  }

 private:
  Decisions& decisions_;
  std::map<Reason, std::size_t> counts_;
};

}  // namespace injector::patch
