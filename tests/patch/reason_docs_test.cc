#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "patch/reason.h"
#include "tests/support/document.h"

namespace injector::test {
namespace {

using ::testing::ElementsAreArray;

// "id|severity|advice" of each row of docs/reasons.md, in order; the third column is for readers.
std::vector<std::string> DocumentedReasons() {
  std::vector<std::string> reasons;
  for (const std::vector<std::string>& row : TableRowsOf("docs/reasons.md")) {
    if (row.size() != 4 || row[0].find('/') == std::string::npos) continue;
    reasons.push_back(row[0] + "|" + row[1] + "|" + row[3]);
  }
  return reasons;
}

TEST(ReasonDocs, DocumentAndCodeListTheSameReasons) {
  std::vector<std::string> reasons;
  for (const patch::ReasonInfo& info : patch::AllReasons()) {
    reasons.push_back("`" + std::string(info.id) + "`|" +
                      std::string(patch::Describe(info.severity)) + "|" + std::string(info.advice));
  }
  EXPECT_THAT(DocumentedReasons(), ElementsAreArray(reasons));
}

TEST(ReasonDocs, EveryReasonSaysWhatHappened) {
  for (const std::vector<std::string>& row : TableRowsOf("docs/reasons.md")) {
    ASSERT_GE(row.size(), 3U);
    EXPECT_FALSE(row[2].empty()) << row[0];
  }
}

}  // namespace
}  // namespace injector::test
