// The acknowledgement manager without gRPC.
#include "outgoing_stream.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace injector::test {
namespace {

using dapr::component::Delivery;
using dapr::component::Error;
using dapr::component::Message;
using dapr::component::Outcome;
using dapr::component::OutcomeHandler;
using dapr::component::OutgoingStream;
using dapr::component::ServerCore;
using dapr::component::StreamGroup;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RecordingTransport final : public dapr::component::StreamTransport {
 public:
  void Send(std::uint64_t id, Message message) override {
    sent.push_back(std::to_string(id) + ":" + message.topic + ":" + message.data);
  }
  void Finish(const Error* error) override { finished = error == nullptr ? "OK" : error->message; }
  std::vector<std::string> sent;
  std::string finished;
};

class OutgoingStreamTest : public ::testing::Test {
 protected:
  OutgoingStreamTest()
      : core_(std::make_shared<ServerCore>("test", [](auto, auto) {})),
        stream_(std::make_shared<OutgoingStream>(&transport_, core_)) {
    stream_->SetTopic("orders");
  }

  Delivery Offer(const std::string& data) {
    Message message{data, "", {}, ""};
    OutcomeHandler handler = [this, data](const Outcome& outcome) {
      static constexpr const char* kNames[] = {"processed", "rejected", "lost"};
      outcomes_.push_back(data + " " + kNames[static_cast<int>(outcome.kind)] + " " + outcome.text);
    };
    return stream_->TryDeliver(message, handler);
  }

  RecordingTransport transport_;
  std::shared_ptr<ServerCore> core_;
  std::shared_ptr<OutgoingStream> stream_;
  std::vector<std::string> outcomes_;
};

TEST_F(OutgoingStreamTest, AcksInAnyOrderReachTheirMessages) {
  for (const char* data : {"a", "b", "c"}) ASSERT_EQ(Offer(data), Delivery::kAccepted);
  EXPECT_THAT(transport_.sent, ElementsAre("1:orders:a", "2:orders:b", "3:orders:c"));
  stream_->Settle("3", {Outcome::Kind::kProcessed, ""});
  stream_->Settle("1", {Outcome::Kind::kRejected, "no"});
  EXPECT_THAT(outcomes_, ElementsAre("c processed ", "a rejected no"));
  EXPECT_EQ(stream_->Pending(), 1U);
}

TEST_F(OutgoingStreamTest, UnknownDuplicateAndMalformedIdsAreIgnoredAndCounted) {
  ASSERT_EQ(Offer("a"), Delivery::kAccepted);
  stream_->Settle("1", {Outcome::Kind::kProcessed, ""});
  for (const char* id : {"1", "99", "", "x", "1x", "-1", "99999999999999999999"})
    stream_->Settle(id, {Outcome::Kind::kProcessed, ""});
  EXPECT_THAT(outcomes_, ElementsAre("a processed "));
  EXPECT_EQ(core_->metrics.Streams().unknown_acks.load(), 7U);
  EXPECT_TRUE(stream_->IsOpen());
}

TEST_F(OutgoingStreamTest, FullWindowRefusesUntilAnOutcomeMakesRoom) {
  stream_->SetMaxInFlight(2);
  ASSERT_EQ(Offer("a"), Delivery::kAccepted);
  ASSERT_EQ(Offer("b"), Delivery::kAccepted);
  EXPECT_EQ(Offer("c"), Delivery::kFull);
  stream_->Settle("2", {Outcome::Kind::kProcessed, ""});
  EXPECT_EQ(Offer("c"), Delivery::kAccepted);
}

TEST_F(OutgoingStreamTest, PlaceOfASettledMessageIsItsHandlersUntilThatReturns) {
  stream_->SetMaxInFlight(1);
  Message first{"a", "", {}, ""};
  Delivery other = Delivery::kAccepted;
  Delivery own = Delivery::kFull;
  OutcomeHandler handler = [&](const Outcome&) {
    std::thread([&] { other = Offer("b"); }).join();
    own = Offer("a again");
  };
  ASSERT_EQ(stream_->TryDeliver(first, handler), Delivery::kAccepted);
  stream_->Settle("1", {Outcome::Kind::kRejected, ""});
  EXPECT_EQ(other, Delivery::kFull) << "a newer message must not overtake a rejected one";
  EXPECT_EQ(own, Delivery::kAccepted);
}

TEST_F(OutgoingStreamTest, HandlerThatThrowsGivesItsPlaceBack) {
  stream_->SetMaxInFlight(1);
  Message message{"a", "", {}, ""};
  OutcomeHandler handler = [](const Outcome&) { throw std::runtime_error("boom"); };
  ASSERT_EQ(stream_->TryDeliver(message, handler), Delivery::kAccepted);
  stream_->Settle("1", {Outcome::Kind::kProcessed, ""});
  Delivery later = Delivery::kFull;
  std::thread([&] { later = Offer("b"); }).join();
  EXPECT_EQ(later, Delivery::kAccepted);
}

TEST_F(OutgoingStreamTest, HandlerThatThrowsDoesNotHideTheOutcomeOfOthers) {
  int lost = 0;
  Message message{"a", "", {}, ""};
  OutcomeHandler first = [](const Outcome&) { throw std::runtime_error("boom"); };
  ASSERT_EQ(stream_->TryDeliver(message, first), Delivery::kAccepted);
  OutcomeHandler second = [&lost](const Outcome&) { ++lost; };
  ASSERT_EQ(stream_->TryDeliver(message, second), Delivery::kAccepted);
  stream_->Detach("gone");
  EXPECT_EQ(lost, 1);
}

TEST_F(OutgoingStreamTest, RefusedMessageAndHandlerAreUntouched) {
  stream_->SetMaxInFlight(1);
  ASSERT_EQ(Offer("a"), Delivery::kAccepted);
  Message message{"b", "t", {}, ""};
  OutcomeHandler handler = [](const Outcome&) {};
  ASSERT_EQ(stream_->TryDeliver(message, handler), Delivery::kFull);
  EXPECT_EQ(message.data, "b");
  EXPECT_TRUE(handler);
}

TEST_F(OutgoingStreamTest, ReadyComesOnceAfterARefusalWhenThereIsRoom) {
  int ready = 0;
  stream_->OnReady([&ready] { ++ready; });
  stream_->SetMaxInFlight(1);
  ASSERT_EQ(Offer("a"), Delivery::kAccepted);
  ASSERT_EQ(Offer("b"), Delivery::kFull);
  stream_->Settle("1", {Outcome::Kind::kProcessed, ""});
  EXPECT_EQ(ready, 1);
  ASSERT_EQ(Offer("b"), Delivery::kAccepted);
  stream_->Settle("2", {Outcome::Kind::kProcessed, ""});
  EXPECT_EQ(ready, 1) << "nothing was refused since";
}

TEST_F(OutgoingStreamTest, LostStreamLosesPendingMessagesInOrderAndIsClosed) {
  int ready = 0;
  stream_->OnReady([&ready] { ++ready; });
  for (const char* data : {"a", "b", "c"}) ASSERT_EQ(Offer(data), Delivery::kAccepted);
  stream_->Settle("2", {Outcome::Kind::kProcessed, ""});
  stream_->Detach("gone");
  EXPECT_THAT(outcomes_, ElementsAre("b processed ", "a lost gone", "c lost gone"));
  EXPECT_EQ(ready, 1);
  EXPECT_FALSE(stream_->IsOpen());
  EXPECT_EQ(Offer("d"), Delivery::kClosed);
  stream_->Settle("1", {Outcome::Kind::kProcessed, ""});
  EXPECT_EQ(outcomes_.size(), 3U) << "an ack after the end must not count as success";
}

TEST_F(OutgoingStreamTest, PauseKeepsAcksFlowing) {
  ASSERT_EQ(Offer("a"), Delivery::kAccepted);
  stream_->SetPaused(true);
  EXPECT_EQ(Offer("b"), Delivery::kPaused);
  stream_->Settle("1", {Outcome::Kind::kProcessed, ""});
  EXPECT_THAT(outcomes_, ElementsAre("a processed "));
  stream_->SetPaused(false);
  EXPECT_EQ(Offer("b"), Delivery::kAccepted);
}

TEST_F(OutgoingStreamTest, DrainedStreamIsNotResumed) {
  stream_->Drain();
  stream_->SetPaused(false);
  EXPECT_EQ(Offer("a"), Delivery::kPaused);
}

TEST_F(OutgoingStreamTest, MessageOverFourMebibytesIsRefused) {
  EXPECT_EQ(Offer(std::string(4 * 1024 * 1024, 'x')), Delivery::kTooLarge);
  EXPECT_EQ(Offer(std::string(4 * 1024 * 1024 - 200, 'x')), Delivery::kAccepted);
}

TEST_F(OutgoingStreamTest, CloseEndsTheCallWithTheError) {
  ASSERT_EQ(Offer("a"), Delivery::kAccepted);
  stream_->Close({dapr::component::ErrorKind::kUnavailable, "broker is gone"});
  EXPECT_EQ(transport_.finished, "broker is gone");
  EXPECT_THAT(outcomes_, ElementsAre("a lost broker is gone"));
}

TEST_F(OutgoingStreamTest, BlockingDeliverWaitsForRoomAndEndsWithTheStream) {
  stream_->SetMaxInFlight(1);
  std::atomic<int> accepted{0};
  std::atomic<bool> closed{false};
  std::thread producer([&] {
    while (stream_->Deliver({"x", "", {}, ""}, nullptr) == Delivery::kAccepted) ++accepted;
    closed = true;
  });
  const auto wait_for = [](const auto& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return condition();
  };
  EXPECT_TRUE(wait_for([&] { return accepted == 1; }));
  stream_->Settle("1", {Outcome::Kind::kProcessed, ""});
  EXPECT_TRUE(wait_for([&] { return accepted == 2; }));
  stream_->Detach("gone");
  producer.join();
  EXPECT_TRUE(closed);
}

TEST(StreamGroupPause, AlsoHoldsStreamsThatComeLater) {
  RecordingTransport transport;
  auto core = std::make_shared<ServerCore>("test", [](auto, auto) {});
  auto stream = std::make_shared<OutgoingStream>(&transport, core);
  StreamGroup group;
  group.SetPaused(true);
  group.Add(stream);
  Message message;
  OutcomeHandler handler;
  EXPECT_EQ(stream->TryDeliver(message, handler), Delivery::kPaused);
  group.SetPaused(false);
  EXPECT_EQ(stream->TryDeliver(message, handler), Delivery::kAccepted);
}

}  // namespace
}  // namespace injector::test
