#include "webhook/webhook_configuration.h"

#include <gtest/gtest.h>

#include "k8s/base64.h"
#include "tests/support/own_leaves.h"

namespace injector::test {
namespace {

using nlohmann::json;
using std::chrono::system_clock;
using webhook::ChangeBundles;
using webhook::ServiceName;

const ServiceName kService{"dapr-system", "injector"};

std::string Encoded(const std::string& pem) {
  std::string text;
  k8s::AppendBase64(text, pem);
  return text;
}

json Webhook(const std::string& name, const std::string& namespace_name, const std::string& service,
             const std::string& bundle = "") {
  json webhook = json::object(
      {{"name", name},
       {"clientConfig", json::object({{"service", json::object({{"namespace", namespace_name},
                                                                {"name", service}})}})}});
  if (!bundle.empty()) webhook["clientConfig"]["caBundle"] = Encoded(bundle);
  return webhook;
}

json Configuration(std::vector<json> webhooks) {
  return json::object({{"metadata", json::object({{"resourceVersion", "7"}})},
                       {"webhooks", json(std::move(webhooks))}});
}

TEST(ChangeBundles, PatchNamesTheVersionAndEachWebhookOfOurService) {
  const std::string leaf = OwnLeaf("a");
  const auto change = ChangeBundles(
      Configuration(
          {Webhook("one", "dapr-system", "injector"), Webhook("other", "dapr-system", "somebody"),
           Webhook("elsewhere", "shop", "injector"), Webhook("two", "dapr-system", "injector")}),
      kService, {{leaf}, {}, ""}, system_clock::now());
  ASSERT_TRUE(change);
  ASSERT_TRUE(*change);
  const std::string bundle = Encoded(leaf);
  EXPECT_EQ((*change)->patch, R"({"metadata":{"resourceVersion":"7"},"webhooks":[)"
                              R"({"clientConfig":{"caBundle":")" +
                                  bundle +
                                  R"("},"name":"one"},)"
                                  R"({"clientConfig":{"caBundle":")" +
                                  bundle + R"("},"name":"two"}]})");
}

TEST(ChangeBundles, BundlesThatAreRightNeedNoChange) {
  const std::string leaf = OwnLeaf("a");
  const auto change =
      ChangeBundles(Configuration({Webhook("one", "dapr-system", "injector", leaf)}), kService,
                    {{leaf}, {}, ""}, system_clock::now());
  ASSERT_TRUE(change);
  EXPECT_FALSE(*change);
}

TEST(ChangeBundles, EachWebhookKeepsItsOwnStrangers) {
  const std::string leaf = OwnLeaf("a");
  const std::string foreign = ForeignLeaf();
  const auto change =
      ChangeBundles(Configuration({Webhook("one", "dapr-system", "injector", leaf),
                                   Webhook("two", "dapr-system", "injector", foreign)}),
                    kService, {{leaf}, {}, ""}, system_clock::now());
  ASSERT_TRUE(change);
  ASSERT_TRUE(*change);
  const json patch = json::parse((*change)->patch);
  EXPECT_EQ(patch["webhooks"][0]["clientConfig"]["caBundle"], Encoded(leaf));
  EXPECT_EQ(patch["webhooks"][1]["clientConfig"]["caBundle"], Encoded(leaf + foreign));
}

TEST(ChangeBundles, ObjectWithoutAWebhookOfOursIsAFault) {
  for (const char* text :
       {R"({})", R"({"webhooks": null})", R"({"webhooks": [1, {"clientConfig": "x"}]})",
        R"({"webhooks": [{"clientConfig": {"url": "https://x"}}]})"}) {
    const auto change =
        ChangeBundles(json::parse(text), kService, {{OwnLeaf("a")}, {}, ""}, system_clock::now());
    ASSERT_FALSE(change) << text;
    EXPECT_EQ(change.error().kind, webhook::ErrorKind::kCluster);
  }
}

TEST(ChangeBundles, ObjectWithoutAVersionIsNotPatchedBlindly) {
  json object = Configuration({Webhook("one", "dapr-system", "injector")});
  object.erase("metadata");
  const auto change =
      ChangeBundles(object, kService, {{OwnLeaf("a")}, {}, ""}, system_clock::now());
  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().kind, webhook::ErrorKind::kCluster);
}

}  // namespace
}  // namespace injector::test
