#include "webhook/expected_argument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace injector::test {
namespace {

using patch::ErrorKind;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using webhook::ExpectSocketsByName;
using webhook::ParseExpectedSockets;

TEST(ParseExpectedSockets, EntryAsTheWaitContainerHasItIsReadWhole) {
  const auto expected = ParseExpectedSockets(
      R"([{"socket":"redis","components":["cache","store"],"image":"r/redis:1","soft":true,)"
      R"("note":"the env and args of store were dropped"}])");
  ASSERT_TRUE(expected) << expected.error().Text();
  ASSERT_THAT(*expected, SizeIs(1));
  EXPECT_EQ(expected->front().socket, "redis");
  EXPECT_THAT(expected->front().components, ElementsAre("cache", "store"));
  EXPECT_EQ(expected->front().image, "r/redis:1");
  EXPECT_TRUE(expected->front().soft);
  EXPECT_EQ(expected->front().note, "the env and args of store were dropped");
}

TEST(ParseExpectedSockets, EntryWithANameOnlyIsAwaitedFirmly) {
  const auto expected = ParseExpectedSockets(R"([{"socket":"redis"},{"socket":"kafka"}])");
  ASSERT_TRUE(expected) << expected.error().Text();
  ASSERT_THAT(*expected, SizeIs(2));
  EXPECT_FALSE(expected->back().soft);
  EXPECT_EQ(expected->back().socket, "kafka");
}

TEST(ParseExpectedSockets, MemberOfANewerInjectorIsPassedOver) {
  EXPECT_TRUE(ParseExpectedSockets(R"([{"socket":"redis","since":"2.0"}])"));
}

TEST(ParseExpectedSockets, EmptyListExpectsNothing) {
  const auto expected = ParseExpectedSockets("[]");
  ASSERT_TRUE(expected);
  EXPECT_THAT(*expected, SizeIs(0));
}

struct Fault {
  std::string name;
  std::string json;
  ErrorKind kind;
  std::string where;
};

class ParseExpectedSocketsFault : public ::testing::TestWithParam<Fault> {};

TEST_P(ParseExpectedSocketsFault, IsRefusedByItsPlace) {
  const auto expected = ParseExpectedSockets(GetParam().json);
  ASSERT_FALSE(expected);
  EXPECT_EQ(expected.error().kind, GetParam().kind);
  EXPECT_EQ(expected.error().where, GetParam().where);
}

INSTANTIATE_TEST_SUITE_P(
    All, ParseExpectedSocketsFault,
    ::testing::Values(Fault{"object", R"({"socket":"a"})", ErrorKind::kMalformedObject, ""},
                      Fault{"entry_is_a_name", R"(["redis"])", ErrorKind::kMalformedObject, "/0"},
                      Fault{"no_name", R"([{"socket":"a"},{"image":"i"}])",
                            ErrorKind::kMalformedObject, "/1/socket"},
                      Fault{"name_is_a_number", R"([{"socket":5}])", ErrorKind::kMalformedObject,
                            "/0/socket"},
                      Fault{"name_with_a_slash", R"([{"socket":"../a"}])",
                            ErrorKind::kMalformedObject, "/0/socket"},
                      Fault{"soft_is_text", R"([{"socket":"a","soft":"yes"}])",
                            ErrorKind::kMalformedObject, "/0/soft"},
                      Fault{"components_is_text", R"([{"socket":"a","components":"b"}])",
                            ErrorKind::kMalformedObject, "/0/components"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseExpectedSockets, TextThatIsNoJsonIsMalformed) {
  const auto expected = ParseExpectedSockets(R"([{"socket":)");
  ASSERT_FALSE(expected);
  EXPECT_EQ(expected.error().kind, ErrorKind::kMalformedJson);
}

TEST(ExpectSocketsByName, NamesAreAwaitedFirmly) {
  const auto expected = ExpectSocketsByName({"redis", "kafka.v2"});
  ASSERT_TRUE(expected);
  ASSERT_THAT(*expected, SizeIs(2));
  EXPECT_EQ(expected->back().socket, "kafka.v2");
  EXPECT_FALSE(expected->back().soft);
}

TEST(ExpectSocketsByName, PathInsteadOfANameIsRefused) {
  const auto expected = ExpectSocketsByName({"/tmp/redis.sock"});
  ASSERT_FALSE(expected);
  EXPECT_EQ(expected.error().where, "\"/tmp/redis.sock\"");
}

}  // namespace
}  // namespace injector::test
