#include "patch/names.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::patch {
namespace {

const std::string k63(63, 'a');
const std::string k64(64, 'a');

TEST(IsDnsLabel, LowerCaseLettersDigitsAndInnerDashesAreLegal) {
  for (const std::string& name : {std::string("a"), std::string("0"), std::string("a-b"),
                                  std::string("a--b"), std::string("1a"), k63}) {
    EXPECT_TRUE(IsDnsLabel(name)) << name;
  }
}

TEST(IsDnsLabel, AnythingElseIsNot) {
  for (const std::string& name :
       {std::string(), std::string("-a"), std::string("a-"), std::string("-"), std::string("A"),
        std::string("a.b"), std::string("a_b"), std::string("a b"), std::string("\xc3\xa4"),
        std::string("a\0b", 3), k64}) {
    EXPECT_FALSE(IsDnsLabel(name)) << name;
  }
}

TEST(IsDnsSubdomain, LabelsJoinedByDotsAreLegal) {
  const std::string longest = k64 + "." + k64 + "." + k64 + "." + std::string(58, 'b');
  ASSERT_EQ(longest.size(), 253U);
  for (const std::string& name :
       {std::string("a"), std::string("a.b"), std::string("a-b.c0"), k64, longest}) {
    EXPECT_TRUE(IsDnsSubdomain(name)) << name;
  }
}

TEST(IsDnsSubdomain, AnythingElseIsNot) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string("a."), std::string(".a"), std::string("a..b"),
        std::string("a.-b"), std::string("a-.b"), std::string("A.b"), std::string("a_b"),
        std::string(254, 'a')}) {
    EXPECT_FALSE(IsDnsSubdomain(name)) << name;
  }
}

TEST(MakeDnsLabel, LegalNameStaysAsItIs) {
  EXPECT_EQ(MakeDnsLabel("redis-store"), "redis-store");
}

TEST(MakeDnsLabel, DotsAndOtherCharactersBecomeDashes) {
  EXPECT_EQ(MakeDnsLabel("state.redis_v1"), "state-redis-v1");
}

TEST(MakeDnsLabel, CapitalsBecomeLowerCase) {
  EXPECT_EQ(MakeDnsLabel("Kafka"), "kafka");
}

TEST(MakeDnsLabel, DashesAtTheEndsAreTrimmedAfterTheCut) {
  EXPECT_EQ(MakeDnsLabel(".a."), "a");
  EXPECT_EQ(MakeDnsLabel(std::string(62, 'a') + ".b"), std::string(62, 'a'));
  EXPECT_EQ(MakeDnsLabel(k64), k63);
}

TEST(MakeDnsLabel, NothingUsableGivesComponent) {
  EXPECT_EQ(MakeDnsLabel(""), "component");
  EXPECT_EQ(MakeDnsLabel("..."), "component");
  EXPECT_EQ(MakeDnsLabel("\xc3\xa4"), "component");
}

TEST(IsConfigKey, LettersDigitsDashUnderscoreAndDotAreLegal) {
  for (const std::string& key :
       {std::string("a"), std::string("A_b-c.d"), std::string(".hidden"), std::string("0"),
        std::string("a..b"), std::string("-"), std::string(253, 'a')}) {
    EXPECT_TRUE(IsConfigKey(key)) << key;
  }
}

TEST(IsConfigKey, FolderNamesAndOtherCharactersAreNot) {
  for (const std::string& key :
       {std::string(), std::string("."), std::string(".."), std::string("..a"), std::string("a/b"),
        std::string("a b"), std::string("a=b"), std::string(254, 'a')}) {
    EXPECT_FALSE(IsConfigKey(key)) << key;
  }
}

TEST(IsEnvName, NamesOfTheStricterRuleAreLegal) {
  for (const char* name : {"A", "a_b", "_", "-x", "a.b", "A1", ".a"}) {
    EXPECT_TRUE(IsEnvName(name)) << name;
  }
}

TEST(IsEnvName, AnythingElseIsNot) {
  for (const char* name : {"", "1A", "A=B", "a b", ".", "..", "..a", "a/b", "\xc3\xa4", "A\n"}) {
    EXPECT_FALSE(IsEnvName(name)) << name;
  }
}

TEST(IsPortName, ShortLowerCaseNamesWithALetterAreLegal) {
  for (const char* name : {"a", "http", "grpc-1", "8080-tcp", "abcdefghijklmno"}) {
    EXPECT_TRUE(IsPortName(name)) << name;
  }
}

TEST(IsPortName, AnythingElseIsNot) {
  for (const char* name :
       {"", "8080", "-a", "a-", "a--b", "HTTP", "a_b", "a.b", "abcdefghijklmnop", "1-2"}) {
    EXPECT_FALSE(IsPortName(name)) << name;
  }
}

TEST(IsQualifiedName, KeysWithOrWithoutASubdomainAreLegal) {
  for (const std::string& name : {std::string("app"), std::string("App_1.x-y"),
                                  std::string("example.com/app"), k63, std::string("a/b")}) {
    EXPECT_TRUE(IsQualifiedName(name)) << name;
  }
}

TEST(IsQualifiedName, AnythingElseIsNot) {
  for (const std::string& name :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a/b/c"),
        std::string("-a"), std::string("a."), std::string("_"), std::string("A.com/b"),
        std::string("a b"), k64}) {
    EXPECT_FALSE(IsQualifiedName(name)) << name;
  }
}

struct PathCase {
  const char* path;
  const char* clean;
};

TEST(HasNoBlanksAround, AnImageBeginsAndEndsWithPrintableAscii) {
  EXPECT_TRUE(HasNoBlanksAround("r/daprd:1"));
  EXPECT_TRUE(HasNoBlanksAround("r"));
  EXPECT_TRUE(HasNoBlanksAround("a b"));
  EXPECT_FALSE(HasNoBlanksAround(""));
  EXPECT_FALSE(HasNoBlanksAround(" r/daprd:1"));
  EXPECT_FALSE(HasNoBlanksAround("r/daprd:1\n"));
  EXPECT_FALSE(HasNoBlanksAround("r/daprd:1\x7f"));
  EXPECT_FALSE(HasNoBlanksAround("\xC2\xA0r/daprd:1"));      // no-break space
  EXPECT_FALSE(HasNoBlanksAround("r/daprd:1\xE3\x80\x80"));  // ideographic space
}

TEST(CleanPath, EmptyAndDotPartsGoAndParentsAreResolved) {
  const PathCase cases[] = {
      {"", "."},         {".", "."},
      {"/", "/"},        {"//", "/"},
      {"/a", "/a"},      {"/a/", "/a"},
      {"/a//b", "/a/b"}, {"/a/./b", "/a/b"},
      {"/a/../b", "/b"}, {"/../a", "/a"},
      {"/a/..", "/"},    {"a/..", "."},
      {"../a", "../a"},  {"a/../../b", "../b"},
      {"a/b/", "a/b"},   {"/...", "/..."},
  };
  for (const PathCase& c : cases) EXPECT_EQ(CleanPath(c.path), c.clean) << c.path;
}

}  // namespace
}  // namespace injector::patch
