// Pub/sub over a real socket, with the runtime's two habits of acknowledging.
#include <gmock/gmock.h>

#include <thread>

#include "component_client.h"
#include "hosted.h"
#include "pull_stream.h"
#include "sample_pubsub.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using dapr::component::Delivery;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PubSubServiceTest : public ::testing::Test {
 protected:
  PubSubServiceTest()
      : hosted_(dir_.path(), std::chrono::seconds(5)), client_(dir_ / "sample.sock") {}
  void SetUp() override {
    ASSERT_TRUE(hosted_.started);
    ASSERT_TRUE(client_.InitPubSub("x").ok());
  }
  SamplePubSub& broker() { return hosted_["x"]; }

  ScopedTempDir dir_;
  Hosted<SamplePubSub> hosted_;
  ComponentClient client_;
};

TEST_F(PubSubServiceTest, RuntimeThatHandlesOneMessageAtATimeGetsThemInOrder) {
  PullStream pull(client_, "x");
  pull.Subscribe("orders");
  for (const char* data : {"a", "b", "c"}) ASSERT_EQ(broker().Deliver(data), Delivery::kAccepted);
  for (const char* data : {"a", "b", "c"}) {
    const pb::PullMessagesResponse message = pull.Next();
    EXPECT_EQ(message.data(), data);
    EXPECT_EQ(message.topic_name(), "orders");
    EXPECT_EQ(message.content_type(), "text/plain");
    EXPECT_EQ(message.metadata().at("k"), "v");
    pull.Ack(message.id());
  }
  EXPECT_THAT(broker().Outcomes(3), ElementsAre("a processed", "b processed", "c processed"));
}

TEST_F(PubSubServiceTest, RuntimeThatHandlesManyMayAckInAnyOrder) {
  PullStream pull(client_, "x");
  pull.Subscribe("orders");
  for (const char* data : {"a", "b", "c"}) ASSERT_EQ(broker().Deliver(data), Delivery::kAccepted);
  const std::string a = pull.Next().id();
  const std::string b = pull.Next().id();
  const std::string c = pull.Next().id();
  pull.Ack(c);
  pull.Nack(a, "handler failed");
  pull.Ack(b);
  EXPECT_THAT(broker().Outcomes(3), ElementsAre("c processed", "a rejected", "b processed"));
}

TEST_F(PubSubServiceTest, FirstMessageWithoutTopicIsInvalid) {
  PullStream pull(client_, "x");
  pull.Ack("1");
  const grpc::Status status = pull.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("must name a topic"));
}

TEST_F(PubSubServiceTest, EmptyTopicIsInvalid) {
  PullStream pull(client_, "x");
  pull.Subscribe("");
  EXPECT_EQ(pull.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(PubSubServiceTest, RefusedSubscriptionEndsTheStreamWithItsError) {
  PullStream pull(client_, "x");
  pull.Subscribe("forbidden");
  const grpc::Status status = pull.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(status.error_message(), "this topic is forbidden");
}

TEST_F(PubSubServiceTest, SubscriptionOfAnInstanceThatWasNeverInitialisedIsRefused) {
  PullStream pull(client_, "new");
  pull.Subscribe("orders");
  EXPECT_EQ(pull.Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(PubSubServiceTest, UnknownAckDoesNotHarmTheStream) {
  PullStream pull(client_, "x");
  pull.Subscribe("orders");
  pull.Ack("4711");
  pull.Ack("");
  ASSERT_EQ(broker().Deliver("a"), Delivery::kAccepted);
  const std::string id = pull.Next().id();
  pull.Ack(id);
  pull.Ack(id);
  ASSERT_EQ(broker().Deliver("b"), Delivery::kAccepted);
  pull.Ack(pull.Next().id());
  EXPECT_THAT(broker().Outcomes(2), ElementsAre("a processed", "b processed"));
}

TEST_F(PubSubServiceTest, LostStreamLosesWhatWasNotAcknowledged) {
  PullStream pull(client_, "x");
  pull.Subscribe("orders");
  ASSERT_EQ(broker().Deliver("a"), Delivery::kAccepted);
  ASSERT_EQ(broker().Deliver("b"), Delivery::kAccepted);
  pull.Ack(pull.Next().id());
  ASSERT_THAT(broker().Outcomes(1), ElementsAre("a processed"));
  pull.Cancel();
  EXPECT_THAT(broker().Outcomes(2), ElementsAre("a processed", "b lost"));
  EXPECT_EQ(broker().Deliver("c"), Delivery::kClosed);
}

TEST_F(PubSubServiceTest, SubscribeThatBlocksGetsItsAcksAndTheEndOfTheStream) {
  {
    PullStream pull(client_, "x");
    pull.Subscribe("in place");
    for (int i = 0; i < 3; ++i) pull.Ack(pull.Next().id());
    pull.Cancel();
  }
  hosted_.host->Stop();  // waits for the handler
}

TEST_F(PubSubServiceTest, PauseStopsDeliveriesKeepsAcksAndIsIdempotent) {
  PullStream pull(client_, "x");
  pull.Subscribe("orders");
  ASSERT_EQ(broker().Deliver("a"), Delivery::kAccepted);
  pb::PauseResponse paused;
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(
        client_.Call<pb::PubSub>(&pb::PubSub::Stub::Pause, "x", pb::PauseRequest(), &paused).ok());
  EXPECT_EQ(broker().Deliver("b"), Delivery::kPaused);
  pull.Ack(pull.Next().id());
  EXPECT_THAT(broker().Outcomes(1), ElementsAre("a processed"));
  pb::ResumeResponse resumed;
  ASSERT_TRUE(
      client_.Call<pb::PubSub>(&pb::PubSub::Stub::Resume, "x", pb::ResumeRequest(), &resumed).ok());
  EXPECT_EQ(broker().Deliver("b"), Delivery::kAccepted);
}

TEST_F(PubSubServiceTest, InitAfterAPauseBeginsAnew) {
  pb::PauseResponse paused;
  ASSERT_TRUE(
      client_.Call<pb::PubSub>(&pb::PubSub::Stub::Pause, "x", pb::PauseRequest(), &paused).ok());
  ASSERT_TRUE(client_.InitPubSub("x").ok());
  PullStream pull(client_, "x");
  pull.Subscribe("orders");
  EXPECT_EQ(broker().Deliver("a"), Delivery::kAccepted);
}

// A runtime of 1.14, or one that took UNIMPLEMENTED for an answer, ends without a pause: it acks
// what it handles, then cancels.
TEST_F(PubSubServiceTest, RuntimeThatEndsWithoutAPauseLosesOnlyWhatItDidNotAcknowledge) {
  {
    PullStream pull(client_, "x");
    pull.Subscribe("orders");
    for (const char* data : {"a", "b"}) ASSERT_EQ(broker().Deliver(data), Delivery::kAccepted);
    pull.Ack(pull.Next().id());
    pull.Next();
    ASSERT_THAT(broker().Outcomes(1), ElementsAre("a processed"));
    pull.Cancel();
    ASSERT_THAT(broker().Outcomes(2), ElementsAre("a processed", "b lost"));
  }
  ComponentClient next(dir_ / "sample.sock");
  ASSERT_TRUE(next.InitPubSub("x").ok());
  broker().Forget();
  PullStream pull(next, "x");
  pull.Subscribe("orders");
  ASSERT_EQ(broker().Deliver("b"), Delivery::kAccepted);
  pull.Ack(pull.Next().id());
  EXPECT_EQ(broker().Outcomes(3).back(), "b processed");
}

TEST_F(PubSubServiceTest, StopDrainsAcksAndEndsTheStreamWithOk) {
  PullStream pull(client_, "x");
  pull.Subscribe("orders");
  ASSERT_EQ(broker().Deliver("a"), Delivery::kAccepted);
  const std::string id = pull.Next().id();
  const auto log = broker().log();  // the broker goes with the host
  std::thread stop([this] { hosted_.host->Stop(); });
  pull.Ack(id);
  EXPECT_THAT(log->WaitFor(1), ElementsAre("a processed"));
  EXPECT_EQ(pull.Next().id(), "");
  EXPECT_TRUE(pull.Finish().ok());
  stop.join();
}

TEST_F(PubSubServiceTest, PublishReportsTheErrorsCode) {
  EXPECT_TRUE(client_.Publish("x", "t", "data").ok());
  EXPECT_EQ(client_.Publish("x", "t", "fail").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(PubSubServiceTest, PublishOfFiveMebibytesPasses) {
  EXPECT_TRUE(client_.Publish("x", "t", std::string(5 << 20, 'x')).ok());
  EXPECT_EQ(broker().published_bytes, std::size_t{5} << 20);
}

TEST_F(PubSubServiceTest, BulkPublishReportsFailedEntriesOnly) {
  pb::BulkPublishRequest request;
  for (const char* data : {"good", "fail"}) {
    auto* entry = request.add_entries();
    entry->set_entry_id(data);
    entry->set_event(data);
  }
  pb::BulkPublishResponse response;
  ASSERT_TRUE(
      client_.Call<pb::PubSub>(&pb::PubSub::Stub::BulkPublish, "x", request, &response).ok());
  ASSERT_EQ(response.failed_entries_size(), 1);
  EXPECT_EQ(response.failed_entries(0).entry_id(), "fail");
  EXPECT_EQ(response.failed_entries(0).error(), "no such topic");
}

TEST_F(PubSubServiceTest, FeaturesAreTheContractsStrings) {
  pb::FeaturesResponse response;
  ASSERT_TRUE(
      client_.Call<pb::PubSub>(&pb::PubSub::Stub::Features, "x", pb::FeaturesRequest(), &response)
          .ok());
  EXPECT_THAT(response.features(), ElementsAre("BULK_PUBSUB", "MESSAGE_TTL"));
}

TEST_F(PubSubServiceTest, MetricsCountOutcomes) {
  {
    PullStream pull(client_, "x");
    pull.Subscribe("orders");
    ASSERT_EQ(broker().Deliver("a"), Delivery::kAccepted);
    pull.Ack(pull.Next().id());
    broker().Outcomes(1);
    EXPECT_THAT(hosted_.host->MetricsText(),
                HasSubstr("messages_settled_total{socket=\"sample\",outcome=\"processed\"} 1"));
    EXPECT_THAT(hosted_.host->MetricsText(), HasSubstr("open_streams{socket=\"sample\"} 1"));
  }
  EXPECT_THAT(hosted_.host->MetricsText(),
              HasSubstr("calls_total{socket=\"sample\",method=\"PubSub.Init\",code=\"OK\"} 1"));
}

}  // namespace
}  // namespace injector::test
