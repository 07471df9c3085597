#include "webhook/client_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "webhook/certificate.h"

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using webhook::Client;
using webhook::ClientShared;
using webhook::ClientTable;
using webhook::FileDescriptor;
using webhook::Poller;
using webhook::Seat;
using webhook::TimePoint;

// Clients over plain sockets; Send says what one of them sends.
class ClientTableTest : public testing::Test {
 protected:
  Seat& Arrive() { return Arrive(shared_); }
  Seat& Arrive(ClientShared& shared) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    auto connection = webhook::MakePlainConnection(ends[0]);
    Seat& seat = table_.Add(FileDescriptor(ends[0]), std::move(connection), shared, now_);
    far_ends_.emplace(&seat, ends[1]);
    return seat;
  }
  void Send(const Seat& seat, std::string_view bytes) {
    ASSERT_EQ(::write(far_ends_.at(&seat).get(), bytes.data(), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
  }
  // One that has had an answer.
  Seat& ArriveAndAsk() {
    Seat& seat = Arrive();
    Send(seat, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    seat.Advance(now_);
    EXPECT_EQ(seat.phase(), Client::Phase::kAsking);
    seat.Finish("answer", {}, now_);
    return seat;
  }
  // The number that comes with the next event of a client.
  Seat::Id NextEvent() {
    std::array<epoll_event, 1> room{};
    const auto events = floor_.Wait(room, std::chrono::steady_clock::now() + milliseconds(5000));
    return events.empty() ? 0 : events.front().data.u64;
  }

  void UseTls() {
    certificate_ = *webhook::ServingCertificate::Create(*webhook::MakeSelfSigned({}));
    tls_options_.certificate = certificate_.get();
  }

  const webhook::ServerOptions options_{};
  ClientShared shared_{.options = options_};
  std::unique_ptr<webhook::ServingCertificate> certificate_;
  webhook::ServerOptions tls_options_;
  ClientShared tls_shared_{.options = tls_options_};
  TimePoint now_ = std::chrono::steady_clock::now();
  Poller door_;
  Poller floor_;
  ClientTable table_{door_, floor_};
  std::map<const Seat*, FileDescriptor> far_ends_;
};

TEST_F(ClientTableTest, EventOfAReleasedClientNamesIt) {
  Seat& seat = Arrive();
  (void)table_.Release(seat);
  Send(seat, "G");
  EXPECT_EQ(table_.Claim(NextEvent()), &seat);
}

TEST_F(ClientTableTest, ClaimedClientIsNobodyElses) {
  Seat& seat = Arrive();
  (void)table_.Release(seat);
  Send(seat, "G");
  const Seat::Id id = NextEvent();
  ASSERT_EQ(table_.Claim(id), &seat);
  EXPECT_EQ(table_.Claim(id), nullptr);
  EXPECT_EQ(table_.ClaimFirstToGo(), nullptr);
  EXPECT_THAT(table_.ClaimAll(), IsEmpty());
}

TEST_F(ClientTableTest, LateEventOfAClosedClientFindsNobody) {
  Seat& seat = Arrive();
  (void)table_.Release(seat);
  Send(seat, "G");
  const Seat::Id id = NextEvent();
  ASSERT_EQ(table_.ClaimFirstToGo(), &seat);
  seat.Close();
  (void)table_.Release(seat);
  EXPECT_EQ(table_.Size(), 0U);
  EXPECT_EQ(table_.Claim(id), nullptr);
}

TEST_F(ClientTableTest, WhatCameWhileClaimedIsAnEventAfterwards) {
  Seat& seat = ArriveAndAsk();
  Send(seat, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  (void)table_.Release(seat);
  ASSERT_EQ(table_.Claim(NextEvent()), &seat);
  seat.Advance(now_);
  EXPECT_EQ(seat.phase(), Client::Phase::kAsking);
}

TEST_F(ClientTableTest, LongestIdleGoesFirst) {
  Seat& first = ArriveAndAsk();
  Seat& second = ArriveAndAsk();
  (void)table_.Release(second);
  (void)table_.Release(first);
  EXPECT_EQ(table_.ClaimFirstToGo(), &second);
}

TEST_F(ClientTableTest, EventsWithoutARequestDoNotMakeAClientYounger) {
  Seat& first = ArriveAndAsk();
  Seat& second = ArriveAndAsk();
  (void)table_.Release(first);
  (void)table_.Release(second);
  const std::vector<Seat*> quiet = table_.ClaimQuiet();
  ASSERT_THAT(quiet, ElementsAre(&first, &second));
  second.Finish("answer", {}, now_);
  (void)table_.Release(second);
  first.Advance(now_);  // nothing came
  (void)table_.Release(first);
  EXPECT_EQ(table_.ClaimFirstToGo(), &first);
}

TEST_F(ClientTableTest, ClientWithARequestOnItsWayDoesNotGo) {
  Seat& asking = ArriveAndAsk();
  Send(asking, "G");
  (void)table_.Release(asking);
  EXPECT_EQ(table_.ClaimFirstToGo(), nullptr);
  EXPECT_THAT(table_.ClaimQuiet(), IsEmpty());
}

TEST_F(ClientTableTest, StrangersThatAreManyGoFirst) {
  Seat& known = ArriveAndAsk();
  Seat& stranger = Arrive();
  Seat& another = Arrive();
  for (Seat* seat : {&known, &stranger, &another}) (void)table_.Release(*seat);
  EXPECT_EQ(table_.ClaimFirstToGo(), &stranger);
  EXPECT_EQ(table_.ClaimFirstToGo(), &another) << "the first is claimed";
}

TEST_F(ClientTableTest, KeptOnesWithARequestArrivingGoAfterStrangersTheOldestFirst) {
  Seat& kept = ArriveAndAsk();
  Seat& other = ArriveAndAsk();
  Seat& stranger = Arrive();
  for (Seat* seat : {&kept, &other}) {
    Send(*seat, "G");
    seat->Advance(now_);
    ASSERT_EQ(seat->phase(), Client::Phase::kReceiving);
  }
  for (Seat* seat : {&kept, &other, &stranger}) (void)table_.Release(*seat);
  Send(kept, "E");  // does not make it younger
  ASSERT_EQ(table_.Claim(NextEvent()), &kept);
  kept.Advance(now_);
  (void)table_.Release(kept);
  EXPECT_EQ(table_.ClaimFirstToGo(), &stranger);
  EXPECT_EQ(table_.ClaimFirstToGo(), &kept);
  EXPECT_EQ(table_.ClaimFirstToGo(), &other);
}

TEST_F(ClientTableTest, ClientThatGetsItsAnswerGoesLast) {
  Seat& reader = Arrive();
  Send(reader, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  reader.Advance(now_);
  reader.Finish(std::string(std::size_t{8} << 20, 'x'), {}, now_);
  ASSERT_EQ(reader.phase(), Client::Phase::kWriting) << "it does not read";
  Seat& kept = ArriveAndAsk();
  Send(kept, "G");
  kept.Advance(now_);
  Seat& stranger = Arrive();
  for (Seat* seat : {&reader, &kept, &stranger}) (void)table_.Release(*seat);
  EXPECT_EQ(table_.ClaimFirstToGo(), &stranger);
  EXPECT_EQ(table_.ClaimFirstToGo(), &kept);
  EXPECT_EQ(table_.ClaimFirstToGo(), &reader);
}

TEST_F(ClientTableTest, RefusedClientIsAStrangerAgain) {
  Seat& refused = ArriveAndAsk();
  Seat& kept = ArriveAndAsk();
  refused.Refuse(413, "too much", now_);
  ASSERT_EQ(refused.phase(), Client::Phase::kLingering);
  Send(kept, "G");
  kept.Advance(now_);
  for (Seat* seat : {&kept, &refused}) (void)table_.Release(*seat);
  EXPECT_EQ(table_.ClaimFirstToGo(), &refused);
}

TEST_F(ClientTableTest, ClientThatAsksButDoesNotReadIsLateSomeTime) {
  Seat& asking = Arrive();
  Send(asking, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  asking.Advance(now_);
  ASSERT_EQ(asking.phase(), Client::Phase::kAsking);
  (void)table_.Release(asking);
  EXPECT_THAT(table_.ClaimLate(now_ + std::chrono::milliseconds(9999)), IsEmpty());
  EXPECT_THAT(table_.ClaimLate(now_ + std::chrono::seconds(10)), ElementsAre(&asking));
}

TEST_F(ClientTableTest, OldestThatDelaysItsHandshakeIsKnown) {
  UseTls();
  Seat& eager = Arrive(tls_shared_);
  Send(eager, "hello");
  Seat& first = Arrive(tls_shared_);
  Seat& second = Arrive(tls_shared_);
  for (Seat* seat : {&eager, &first, &second}) (void)table_.Release(*seat);
  EXPECT_EQ(table_.Handshakes(), 3U);
  EXPECT_EQ(table_.ClaimHandshake(now_ + milliseconds(249)), nullptr);
  EXPECT_EQ(table_.ClaimHandshake(now_ + milliseconds(250)), &first);
  EXPECT_EQ(table_.ClaimHandshake(now_ + milliseconds(250)), &second);
  EXPECT_EQ(table_.ClaimHandshake(now_ + milliseconds(250)), nullptr) << "what it sent is here";
  first.Close();
  (void)table_.Release(first);
  second.Advance(now_);  // a handshake over a plain socket is over at once
  (void)table_.Release(second);
  EXPECT_EQ(table_.Handshakes(), 1U);
}

TEST_F(ClientTableTest, LateOnesAreThoseWhoseDeadlineHasPassed) {
  Seat& stranger = Arrive();     // has 5 s
  Seat& known = ArriveAndAsk();  // 100 s
  EXPECT_TRUE(table_.Release(known));
  EXPECT_TRUE(table_.Release(stranger)) << "its deadline comes first";
  EXPECT_EQ(table_.NextDeadline(), now_ + std::chrono::seconds(5));
  EXPECT_THAT(table_.ClaimLate(now_ + std::chrono::seconds(5)), ElementsAre(&stranger));
  EXPECT_EQ(table_.NextDeadline(), now_ + std::chrono::seconds(100));
}

}  // namespace
}  // namespace injector::test
