#pragma once

// One review of the soak and what is right for its answer, judged without the planner.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace injector::test {

// Reviews differ by their number: pods that did not opt in, that want daprd only, that want
// Components as well, small and large.
class CheckedAnswer {
 public:
  explicit CheckedAnswer(long number);

  // The bytes of the AdmissionReview.
  [[nodiscard]] std::string Review() const { return review_.dump(); }

  // In: the body of a 200. Out: what is wrong with it in a sentence, "" when nothing is. The patch
  // is applied to the pod; the Components that it may hold are "store" with the tag :a or :b, alone
  // or with "ledger", of one tag, since the files change while this runs.
  [[nodiscard]] std::string Fault(std::string_view body) const;

 private:
  [[nodiscard]] std::string PodFault(const nlohmann::json& pod) const;

  nlohmann::json review_;
  int kind_;
};

}  // namespace injector::test
