#pragma once

// A webhook's caBundle as text that several replicas and strangers write to: pure functions.
// A bundle is the union of the replicas' leaves, which come first, and of everything else, which
// stays as it is. The same input gives the same bytes, whoever asks.

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/result.h"

namespace injector::webhook {

// Leaves of ours in one bundle; beyond that those go that came first. A replica that crashes again
// and again under new names leaves one each time.
inline constexpr std::size_t kMaxOwnLeaves = 64;

// What one replica wants of a bundle.
struct BundleWish {
  std::vector<std::string> leaves;     // PEM: these are to be in it
  std::vector<std::string> withdrawn;  // PEM: these are not
  // "": nothing. Else leaves of this pod that are none of `leaves` and not younger than them are
  // not to be in it: a former process of the pod made them.
  std::string superseded_pod;

  friend bool operator==(const BundleWish&, const BundleWish&) = default;
};

struct Bundle {
  std::string pem;
  std::size_t own = 0;      // leaves of replicas
  std::size_t foreign = 0;  // other PEM blocks, also those that we cannot parse
};

// `current` as the wish has it, without leaves of ours that have expired at `now`.
// Out: equal to `current` when that is as wished already. Foreign bytes are kept, in order.
// Errors: kInternal when a wished leaf is not in the result, which is read once more: the API
// server would take it without a word.
[[nodiscard]] Result<Bundle> UniteBundle(std::string_view current, const BundleWish& wish,
                                         std::chrono::system_clock::time_point now);

}  // namespace injector::webhook
