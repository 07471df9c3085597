#include "patch/name_set.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace injector::test {
namespace {

using patch::NameSet;

std::vector<std::string> Numbered(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("n" + std::to_string(i));
  return names;
}

TEST(NameSet, EmptyOneHoldsNothing) {
  EXPECT_FALSE(NameSet().Contains(""));
}

TEST(NameSet, InsertTellsWhatIsNew) {
  NameSet set;
  EXPECT_TRUE(set.Insert("a"));
  EXPECT_TRUE(set.Insert(""));
  EXPECT_FALSE(set.Insert("a"));
  EXPECT_TRUE(set.Contains(""));
}

TEST(NameSet, ManyAreLikeFew) {
  const std::vector<std::string> names = Numbered(100);
  NameSet set;
  for (const std::string& name : names) {
    EXPECT_FALSE(set.Contains(name)) << name;
    EXPECT_TRUE(set.Insert(name)) << name;
  }
  for (const std::string& name : names) {
    EXPECT_TRUE(set.Contains(name)) << name;
    EXPECT_FALSE(set.Insert(name)) << name;
  }
  EXPECT_FALSE(set.Contains("n100"));
}

}  // namespace
}  // namespace injector::test
