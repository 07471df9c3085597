// What one client may do at a time, and how much memory it may hold.

#include "webhook/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "webhook/certificate.h"

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using webhook::Client;
using webhook::ClientShared;
using webhook::FileDescriptor;
using webhook::IoResult;
using webhook::IoStatus;

// What a client has sent, in reads of a size each, and how much it takes of what is written to it.
struct Wire {
  std::string input{};
  std::size_t read_size = 16384;
  int reads = 0;
  std::size_t room = std::string::npos;
  std::string output{};
  bool finished = false;
  IoStatus handshake = IoStatus::kDone;
  bool has_sent = false;
  std::string pending{};  // what has to be written again
};

class FakeConnection : public webhook::Connection {
 public:
  explicit FakeConnection(Wire& wire) : wire_(wire) {}

  IoStatus Handshake() override { return wire_.handshake; }
  bool HasSent() const override { return wire_.has_sent; }
  IoResult Read(char* to, std::size_t size) override {
    ++wire_.reads;
    const std::size_t count = std::min({size, wire_.read_size, wire_.input.size()});
    if (count == 0) return {IoStatus::kNeedsInput, 0};
    std::copy_n(wire_.input.begin(), count, to);
    wire_.input.erase(0, count);
    return {IoStatus::kDone, count};
  }
  bool HoldsInput() const override { return !wire_.input.empty(); }
  // As TLS: what could not be written is to be written again, and nothing else.
  IoResult Write(std::string_view bytes) override {
    EXPECT_TRUE(bytes.starts_with(wire_.pending));
    const std::size_t count = std::min(bytes.size(), wire_.room);
    wire_.pending = count == 0 ? bytes : "";
    if (count == 0) return {IoStatus::kNeedsOutput, 0};
    wire_.room -= count;
    wire_.output += bytes.substr(0, count);
    return {IoStatus::kDone, count};
  }
  void FinishWriting() override { wire_.finished = true; }

 private:
  Wire& wire_;
};

class ClientTest : public testing::Test {
 protected:
  // A client that has sent a whole request.
  void Ask() {
    wire_.input = "GET / HTTP/1.1\r\n\r\n";
    client_.Advance(now_);
    ASSERT_EQ(client_.phase(), Client::Phase::kAsking);
  }
  void Answer(std::size_t size) {
    client_.Finish(std::string(size, 'x'),
                   {.close = false, .written = [this](bool whole) { ++(whole ? sent_ : lost_); }},
                   now_);
  }

  const webhook::ServerOptions options_{.max_inflight_bytes = 1'000'000};
  ClientShared shared_{.options = options_};
  webhook::TimePoint now_ = std::chrono::steady_clock::now();
  Wire wire_;
  int sent_ = 0;
  int lost_ = 0;
  Client client_{FileDescriptor(), std::make_unique<FakeConnection>(wire_), shared_, now_};
};

TEST_F(ClientTest, PatienceWithAHandshakeBeginsWhenItWasAnswered) {
  const auto certificate = *webhook::ServingCertificate::Create(*webhook::MakeSelfSigned({}));
  const webhook::ServerOptions options{.certificate = certificate.get()};
  ClientShared shared{.options = options};
  wire_.handshake = IoStatus::kNeedsInput;
  const webhook::TimePoint accepted = now_ - milliseconds(300);
  Client client(FileDescriptor(), std::make_unique<FakeConnection>(wire_), shared, accepted);
  EXPECT_TRUE(client.DelaysHandshake(now_));
  client.Advance(now_);
  EXPECT_TRUE(client.DelaysHandshake(now_)) << "there was no answer to the few bytes that came";
  wire_.has_sent = true;
  client.Advance(now_);
  EXPECT_FALSE(client.DelaysHandshake(now_ + milliseconds(249)));
  const webhook::TimePoint answered = std::chrono::steady_clock::now();
  client.Advance(now_);
  EXPECT_TRUE(client.DelaysHandshake(answered + milliseconds(250))) << "more bytes do not help";
}

TEST_F(ClientTest, RecordsOfOneByteAreReadThirtyTwoAtATime) {
  wire_.read_size = 1;
  wire_.input = "POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x');
  const std::size_t size = wire_.input.size();
  for (std::size_t read = 32; read < size; read += 32) {
    client_.Advance(now_);
    EXPECT_EQ(wire_.input.size(), size - read);
    EXPECT_EQ(client_.Needs(), IoStatus::kDone) << "nobody announces what is here already";
  }
  client_.Advance(now_);
  EXPECT_EQ(client_.phase(), Client::Phase::kAsking);
}

TEST_F(ClientTest, LargeReadsAreAQuarterOfAMebibyteAtATime) {
  wire_.input = "POST / HTTP/1.1\r\nContent-Length: 600000\r\n\r\n" + std::string(600'000, 'x');
  client_.Advance(now_);
  EXPECT_EQ(wire_.reads, 16);
  EXPECT_EQ(client_.Needs(), IoStatus::kDone);
}

TEST_F(ClientTest, AnswerThatWaitsToBeReadCountsAsHeld) {
  Ask();
  wire_.room = 0;
  Answer(700'000);
  EXPECT_EQ(client_.phase(), Client::Phase::kWriting);
  EXPECT_GE(shared_.held_bytes, 700'000U);
  wire_.room = std::string::npos;
  client_.Advance(now_);
  EXPECT_EQ(wire_.output.size(), 700'000U);
  EXPECT_LT(shared_.held_bytes, 100U);
  EXPECT_EQ(sent_, 1);
}

TEST_F(ClientTest, AnswerBeyondTheBudgetEndsTheConnection) {
  shared_.held_bytes = 400'000;  // of others
  Ask();
  wire_.room = 0;
  Answer(400'000);
  EXPECT_EQ(client_.phase(), Client::Phase::kClosed);
  EXPECT_EQ(shared_.held_bytes, 400'000U) << "the answer is not kept";
  EXPECT_EQ(lost_, 1) << "the handler knows that its answer has not left";
  EXPECT_EQ(sent_, 0);
}

TEST_F(ClientTest, AnswerBeyondTheBudgetThatHasBegunToLeaveIsCut) {
  shared_.held_bytes = 400'000;
  Ask();
  wire_.room = 10;
  Answer(400'000);
  EXPECT_EQ(client_.phase(), Client::Phase::kClosed);
  EXPECT_EQ(wire_.output, "xxxxxxxxxx");
  EXPECT_EQ(shared_.held_bytes, 400'000U);
  EXPECT_EQ(lost_, 1);
}

TEST_F(ClientTest, AnswerThatLeavesAtOnceNeedsNoBudget) {
  shared_.held_bytes = 900'000;
  Ask();
  Answer(400'000);
  EXPECT_EQ(wire_.output.size(), 400'000U);
  EXPECT_EQ(client_.phase(), Client::Phase::kIdle);
}

}  // namespace
}  // namespace injector::test
