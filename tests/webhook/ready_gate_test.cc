#include "webhook/ready_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/http_client.h"
#include "tests/support/recording_recorder.h"
#include "webhook/server.h"

namespace injector::test {
namespace {

using webhook::Health;
using webhook::ReadyGate;
using webhook::Server;

class TeapotHandler : public webhook::HttpHandler {
 public:
  webhook::HttpReply Handle(const webhook::HttpRequest&) override {
    webhook::HttpReply reply;
    reply.status = 418;
    return reply;
  }
};

class ReadyGateTest : public ::testing::Test {
 protected:
  int Ask() { return gate_.Handle({}).status; }

  Health health_;
  TeapotHandler handler_;
  RecordingRecorder recorder_;
  ReadyGate gate_{health_, handler_, recorder_};
};

TEST_F(ReadyGateTest, OpensWhenEveryCheckIsReady) {
  health_.Add(webhook::kInjectorService);
  EXPECT_EQ(Ask(), 503);
  health_.Set(webhook::kInjectorService, true);
  EXPECT_EQ(Ask(), 418);
  EXPECT_THAT(recorder_.Events(), testing::ElementsAre("refused 503"));
}

TEST_F(ReadyGateTest, StaysOpenWhileDraining) {
  health_.Set(webhook::kInjectorService, true);
  health_.StartDraining();
  EXPECT_EQ(Ask(), 418);
}

TEST_F(ReadyGateTest, RefusalEndsTheConnectionAndNamesASecond) {
  health_.Add(webhook::kInjectorService);
  const auto server = *Server::Start({.address = "127.0.0.1"}, {.paths = {{"/mutate", &gate_}}});
  const auto client = HttpClient::Connect({.port = server->Port()});
  ASSERT_NE(client, nullptr);
  const auto reply = client->Exchange(GetRequest("/mutate"));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.Header("Retry-After"), "1");
  EXPECT_EQ(reply.Header("Connection"), "close");
  EXPECT_TRUE(client->EndsInSilence());
}

}  // namespace
}  // namespace injector::test
