#include "runtime/topic_scopes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace injector::test {
namespace {

using runtime::ErrorKind;
using runtime::Properties;
using runtime::TopicScopes;

std::string Published(const Properties& metadata, const std::string& topic) {
  const auto name = TopicScopes(metadata, "orders").ForPublishing(topic);
  return name ? *name : name.error().message;
}

TEST(TopicScopes, WithoutPropertiesEverythingIsAllowed) {
  EXPECT_EQ(Published({}, "a"), "a");
  EXPECT_EQ(*TopicScopes().ForSubscribing("a"), "a");
}

TEST(TopicScopes, TopicOutsideOfTheAllowedOnesIsRefused) {
  EXPECT_EQ(Published({{"allowedTopics", "a, b"}}, "b"), "b");
  EXPECT_EQ(
      Published({{"AllowedTOPICS", "a, b"}}, "c"),
      "app id orders may not publish to topic c: allowedTopics are a, b; add it there, or use "
      "one of them");
}

TEST(TopicScopes, RefusalIsForbiddenToTheApi) {
  const auto refused = TopicScopes({{"allowedTopics", "a"}}, "orders").ForPublishing("b");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kLimit);
  EXPECT_EQ(refused.error().http_code, 403);
}

TEST(TopicScopes, ScopeOfTheApplicationNamesItsTopics) {
  const Properties metadata{{"publishingScopes", "billing=x; orders = a, b ;orders=c"}};
  EXPECT_EQ(Published(metadata, "a"), "a");
  EXPECT_EQ(Published(metadata, "c"), "c");
  EXPECT_EQ(Published(metadata, "x"),
            "app id orders may not publish to topic x: publishingScopes gives this application: a, "
            "b, c; add orders=x to publishingScopes");
}

TEST(TopicScopes, ApplicationWithoutAScopeMayUseWhatIsNotProtected) {
  const Properties metadata{{"publishingScopes", "billing=x"}, {"protectedTopics", "x,y"}};
  EXPECT_EQ(Published(metadata, "a"), "a");
  EXPECT_EQ(Published(metadata, "y"),
            "app id orders may not publish to topic y: protectedTopics names it, and "
            "publishingScopes gives this application nothing; add orders=y to publishingScopes");
}

TEST(TopicScopes, EmptyScopeRefusesEverything) {
  EXPECT_EQ(Published({{"publishingScopes", "orders="}}, "a"),
            "app id orders may not publish to topic a: publishingScopes gives this application: "
            "none; add orders=a to publishingScopes");
}

TEST(TopicScopes, ScopeDoesNotHelpATopicThatIsNotAllowed) {
  const Properties metadata{{"allowedTopics", "a"}, {"publishingScopes", "orders=b"}};
  EXPECT_THAT(Published(metadata, "b"), testing::HasSubstr("allowedTopics are a"));
  EXPECT_THAT(Published(metadata, "a"), testing::HasSubstr("publishingScopes gives"));
}

TEST(TopicScopes, BothDirectionsHaveScopesOfTheirOwn) {
  const TopicScopes scopes({{"publishingScopes", "orders=a"}, {"subscriptionScopes", "orders=b"}},
                           "orders");
  EXPECT_TRUE(scopes.ForPublishing("a"));
  EXPECT_TRUE(scopes.ForSubscribing("b"));
  const auto refused = scopes.ForSubscribing("a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "app id orders may not subscribe to topic a: subscriptionScopes gives this "
            "application: b; add orders=a to subscriptionScopes");
}

TEST(TopicScopes, PrefixIsTheComponentsAffairAlone) {
  const TopicScopes scopes({{"allowedTopics", "a"}}, "orders", "shop");
  EXPECT_EQ(*scopes.ForPublishing("a"), "shopa");
  EXPECT_EQ(scopes.OfDelivery("shopa"), "a");
  EXPECT_EQ(scopes.OfDelivery("other"), "other");
}

}  // namespace
}  // namespace injector::test
