#pragma once

// The webhook's handlers for fuzz targets, and what must hold for each answer whatever was asked:
// a valid AdmissionReview, a patch that applies, a valid pod, nothing to change the second time.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/http_message.h"

namespace injector::test {

// The Components of every namespace, and how the injector was started.
struct FuzzedCluster {
  std::vector<nlohmann::json> components{};
  std::size_t settings = 0;  // which of a few sets; any number
};

// As /mutate answers the body of a POST. Demands that nothing was thrown.
[[nodiscard]] webhook::HttpReply AskToMutate(std::string_view body, const FuzzedCluster& cluster);
// The same for /validate-component, which denies what is unusable.
[[nodiscard]] webhook::HttpReply AskToValidate(std::string_view body);

// Demands that the reply is a valid AdmissionReview for `review`.
// Out: the operations of its patch; null when there is none.
[[nodiscard]] nlohmann::json CheckedPatch(const nlohmann::json& review,
                                          const webhook::HttpReply& reply);

// Asks, and demands everything that is named above.
// In: a text that may be anything, and the same as JSON if it is JSON (null when not).
// Out: whether the answer had a patch.
bool CheckMutation(std::string_view body, const nlohmann::json& review,
                   const FuzzedCluster& cluster);

// An AdmissionReview v1 of a Pod that is created in namespace "shop" by the ReplicaSet controller.
[[nodiscard]] nlohmann::json ReviewOf(nlohmann::json pod);

}  // namespace injector::test
