#include "webhook/bundle_writer.h"

#include <gmock/gmock.h>

#include <thread>

#include "tests/support/fake_configuration.h"
#include "tests/support/own_leaves.h"
#include "tests/support/recording_bundle_listener.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const webhook::BundleTarget kTarget{
    "mutatingwebhookconfigurations", "injector", {"dapr-system", "injector"}};
const webhook::BundleTimes kFast{.conflict_jitter = std::chrono::milliseconds(2)};

class BundleWriterTest : public ::testing::Test {
 protected:
  k8s::ApiResult<nlohmann::json> Write(const webhook::BundleWish& wish) {
    return writer_.Write(wish, k8s::Deadline::max(), {});
  }

  FakeConfiguration server_;
  k8s::Client client_{server_};
  RecordingBundleListener listener_;
  webhook::BundleWriter writer_{client_, kTarget, listener_, kFast};
};

TEST_F(BundleWriterTest, ReadsByAPatchWithoutOperationsThenWrites) {
  const std::string leaf = OwnLeaf("a");
  const std::string foreign = ForeignLeaf();
  server_.SetBundle(foreign);
  const auto object = Write({{leaf}, {}, ""});
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(server_.Bundle(), leaf + foreign);
  EXPECT_EQ(*object, server_.Object());
  EXPECT_THAT(server_.Calls(), ElementsAre("read", "write"));
  EXPECT_THAT(listener_.Events(), ElementsAre("written 1+1"));
}

TEST_F(BundleWriterTest, RestOfTheWebhookStays) {
  auto expected = server_.Object();
  ASSERT_TRUE(Write({{OwnLeaf("a")}, {}, ""}));
  auto object = server_.Object();
  object["webhooks"][0]["clientConfig"].erase("caBundle");
  object["metadata"].erase("resourceVersion");
  expected["metadata"].erase("resourceVersion");
  EXPECT_EQ(object, expected);
}

TEST_F(BundleWriterTest, BundleThatIsRightIsNotWritten) {
  const std::string leaf = OwnLeaf("a");
  server_.SetBundle(leaf);
  ASSERT_TRUE(Write({{leaf}, {}, ""}));
  EXPECT_THAT(server_.Calls(), ElementsAre("read"));
}

TEST_F(BundleWriterTest, ConflictReadsAgain) {
  server_.RefuseWrites(2, 409);
  ASSERT_TRUE(Write({{OwnLeaf("a")}, {}, ""}));
  EXPECT_THAT(server_.Calls(), ElementsAre("read", "write", "read", "write", "read", "write"));
  EXPECT_THAT(listener_.Events(), ElementsAre("conflict", "conflict", "written 1+0"));
}

TEST_F(BundleWriterTest, TwentyConflictsAreOutlasted) {
  server_.RefuseWrites(20, 409);
  EXPECT_TRUE(Write({{OwnLeaf("a")}, {}, ""}));
  EXPECT_EQ(server_.Writes(), 1);
}

TEST_F(BundleWriterTest, ConflictWithoutEndIsTold) {
  server_.RefuseWrites(100, 409);
  const auto object = Write({{OwnLeaf("a")}, {}, ""});
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ApiErrorKind::kConflict);
}

TEST_F(BundleWriterTest, MissingVerbIsSpelledOut) {
  server_.RefuseAll(1, 403);
  const auto object = Write({{OwnLeaf("a")}, {}, ""});
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ApiErrorKind::kForbidden);
  EXPECT_THAT(object.error().message,
              HasSubstr("add to the ClusterRole: {apiGroups: [admissionregistration.k8s.io], "
                        "resources: [mutatingwebhookconfigurations], resourceNames: [injector], "
                        "verbs: [get, list, watch, patch]}"));
}

TEST_F(BundleWriterTest, ConfigurationOfOthersIsLeftAlone) {
  webhook::BundleTarget target = kTarget;
  target.service.name = "somebody";
  webhook::BundleWriter writer(client_, target, listener_, kFast);
  const auto object = writer.Write({{OwnLeaf("a")}, {}, ""}, k8s::Deadline::max(), {});
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, ApiErrorKind::kRefused);
  EXPECT_THAT(object.error().message,
              HasSubstr("mutatingwebhookconfigurations/injector: it has no webhook whose "
                        "clientConfig.service is dapr-system/somebody"));
  EXPECT_EQ(server_.Writes(), 0);
}

TEST_F(BundleWriterTest, ReplicasAtOnceAllFindTheirPlace) {
  std::vector<std::string> leaves;
  for (int i = 0; i < 6; ++i) leaves.push_back(OwnLeaf("pod-" + std::to_string(i)));
  std::vector<std::thread> replicas;
  for (const std::string& leaf : leaves) {
    replicas.emplace_back([&, leaf] {
      webhook::BundleWriter writer(client_, kTarget, listener_, {});
      EXPECT_TRUE(writer.Write({{leaf}, {}, ""}, k8s::Deadline::max(), {}));
    });
  }
  for (std::thread& replica : replicas) replica.join();
  const std::string bundle = server_.Bundle();
  for (const std::string& leaf : leaves) EXPECT_THAT(bundle, HasSubstr(leaf));
  EXPECT_EQ(server_.Writes(), 6);
}

}  // namespace
}  // namespace injector::test
