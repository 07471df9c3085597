// What the server does when there are too many clients or requests, or clients behave badly.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"
#include "webhook/certificate.h"

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

using Clients = std::vector<std::unique_ptr<HttpClient>>;

class ServerLoadTest : public ServerFixture {
 protected:
  [[nodiscard]] Clients ConnectMany(int count, std::string_view bytes) const {
    Clients clients;
    for (int i = 0; i < count; ++i) {
      clients.push_back(Connect());
      clients.back()->Send(bytes);
    }
    return clients;
  }
};

TEST_F(ServerLoadTest, WhoeverWaitsTooLongForAWorkerIsRefused) {
  StartServer({.workers = 1, .max_workers = 1, .max_queue_time = milliseconds(50)});
  const Clients held = ConnectMany(1, GetRequest("/gate"));
  gate_.AwaitInside(1);
  const Response response = Ask(GetRequest("/mutate"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("Retry-After"), "1");
  gate_.Open();
  EXPECT_EQ(held.front()->ReadResponse().body, "done");
}

TEST_F(ServerLoadTest, WhoeverIsRefusedForOverloadKeepsItsConnection) {
  StartServer({.workers = 1, .max_workers = 1, .max_queue_time = milliseconds(50)});
  const Clients held = ConnectMany(1, GetRequest("/gate"));
  gate_.AwaitInside(1);
  const auto client = Connect();
  EXPECT_EQ(client->Exchange(GetRequest("/mutate")).status, 503);
  EXPECT_EQ(client->Exchange(GetRequest("/mutate")).status, 503);
  gate_.Open();
  ASSERT_EQ(held.front()->ReadResponse().body, "done");
  const auto deadline = steady_clock::now() + seconds(10);
  int status = 503;
  while (status == 503 && steady_clock::now() < deadline) {
    status = client->Exchange(GetRequest("/mutate")).status;
  }
  EXPECT_EQ(status, 200);
}

TEST_F(ServerLoadTest, RefusedClientThatWantsNoMoreIsClosed) {
  StartServer({.workers = 1, .max_workers = 1, .max_queue_time = milliseconds(50)});
  const Clients held = ConnectMany(1, GetRequest("/gate"));
  gate_.AwaitInside(1);
  const auto client = Connect();
  EXPECT_EQ(client->Exchange("GET /mutate HTTP/1.1\r\nConnection: close\r\n\r\n").status, 503);
  EXPECT_TRUE(client->EndsInSilence());
  gate_.Open();
}

TEST_F(ServerLoadTest, ServerRecoversFromOverload) {
  StartServer({.workers = 1, .max_workers = 1, .max_queue_time = milliseconds(50)});
  const Clients held = ConnectMany(1, GetRequest("/gate"));
  gate_.AwaitInside(1);
  ASSERT_EQ(Ask(GetRequest("/mutate")).status, 503);
  gate_.Open();
  ASSERT_EQ(held.front()->ReadResponse().body, "done");
  const auto deadline = steady_clock::now() + seconds(10);
  int status = 503;
  while (status == 503 && steady_clock::now() < deadline) {
    status = Ask(GetRequest("/mutate")).status;
  }
  EXPECT_EQ(status, 200);
}

TEST_F(ServerLoadTest, HandlersThatWaitDoNotHoldUpOthers) {
  StartServer({.workers = 1, .max_workers = 4});
  const Clients held = ConnectMany(3, GetRequest("/gate"));
  gate_.AwaitInside(3);
  EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200);
  gate_.Open();
  for (const auto& client : held) EXPECT_EQ(client->ReadResponse().status, 200);
}

TEST_F(ServerLoadTest, StrangersDoNotPushOutAKeptConnection) {
  StartServer({.max_connections = 8});
  const auto kept = Connect();
  ASSERT_EQ(kept->Exchange(GetRequest("/mutate")).status, 200);
  const Clients silent = ConnectMany(20, "");
  const Clients slow = ConnectMany(20, "POST /mutate HTTP/1.1\r\nContent-Le");
  EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200) << "there is room for a new one";
  EXPECT_EQ(kept->Exchange(GetRequest("/mutate")).status, 200);
  EXPECT_TRUE(silent.front()->EndsInSilence());
}

TEST_F(ServerLoadTest, ClientsBeingWorkedForAreNotPushedOut) {
  StartServer({.max_connections = 2});
  const Clients held = ConnectMany(2, GetRequest("/gate"));
  gate_.AwaitInside(2);
  EXPECT_TRUE(Connect()->EndsInSilence()) << "a third one is told at once that there is no room";
  gate_.Open();
  EXPECT_EQ(held[0]->ReadResponse().body, "done");
  EXPECT_EQ(held[1]->ReadResponse().body, "done");
  EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200);
}

TEST_F(ServerLoadTest, TwoMebibytesOfLargeRequestsAreWorkedOnAtOnce) {
  StartServer({.workers = 1, .max_workers = 8, .max_queue_time = seconds(60)});
  const Clients held = ConnectMany(4, PostRequest("/gate", std::string(900'000, 'x')));
  gate_.AwaitInside(2);
  const Clients small = ConnectMany(2, PostRequest("/gate", std::string(50'000, 'x')));
  gate_.AwaitInside(4);  // small ones do not wait behind them
  EXPECT_EQ(gate_.Inside(), 4);
  gate_.Open();
  for (const auto& client : held) EXPECT_EQ(client->ReadResponse().body, "done");
  for (const auto& client : small) EXPECT_EQ(client->ReadResponse().body, "done");
}

TEST_F(ServerLoadTest, LargeRequestThatWaitsTooLongForItsTurnIsRefused) {
  StartServer({.workers = 1, .max_workers = 8, .max_queue_time = milliseconds(50)});
  const Clients held = ConnectMany(2, PostRequest("/gate", std::string(1'000'000, 'x')));
  gate_.AwaitInside(2);
  const auto client = Connect();
  const Response response = client->Exchange(PostRequest("/mutate", std::string(500'000, 'x')));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("Retry-After"), "1");
  EXPECT_EQ(client->Exchange(GetRequest("/mutate")).status, 200) << "workers are not short";
  gate_.Open();
  for (const auto& one : held) EXPECT_EQ(one->ReadResponse().body, "done");
  EXPECT_EQ(client->Exchange(PostRequest("/mutate", std::string(500'000, 'x'))).status, 200);
}

TEST_F(ServerLoadTest, StopDoesNotWaitForLargeRequestsThatHaveNotBegun) {
  StartServer({.workers = 1, .max_workers = 8, .max_queue_time = seconds(60)});
  const Clients held = ConnectMany(2, PostRequest("/gate", std::string(std::size_t{1} << 20, 'x')));
  gate_.AwaitInside(2);
  const auto waiting = Connect();
  waiting->Send(PostRequest("/gate", std::string(66'000, 'x')));
  for (int i = 0; i < 100; ++i) {  // by then all of it has been read
    ASSERT_EQ(Ask(GetRequest("/mutate")).status, 200);
  }
  std::thread stop([this] { server_->Stop(milliseconds(0)); });
  EXPECT_EQ(waiting->ReadResponse().status, 503);
  gate_.Open();
  stop.join();
}

TEST_F(ServerLoadTest, SilentStrangerIsClosedAfterTheTimeOfAHead) {
  StartServer({.head_timeout = milliseconds(50)});
  EXPECT_TRUE(Connect()->EndsInSilence());
}

TEST_F(ServerLoadTest, HeadHasLessTimeThanTheWholeRequest) {
  StartServer({.head_timeout = milliseconds(50)});
  EXPECT_EQ(Connect()->Exchange("GET /mutate HT").status, 408);
  const auto client = Connect();
  client->Send("POST /mutate HTTP/1.1\r\nContent-Length: 2\r\n\r\na");
  const auto late = Connect();  // closed once the time of a head has passed
  EXPECT_TRUE(late->EndsInSilence());
  EXPECT_EQ(client->Exchange("b").status, 200);
}

TEST_F(ServerLoadTest, ByteAfterByteDoesNotProlongTheTimeOfAHead) {
  StartServer({.head_timeout = milliseconds(200)});
  const auto client = Connect();
  const auto start = steady_clock::now();
  while (client->Send("G") && steady_clock::now() - start < seconds(5)) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_LT(steady_clock::now() - start, seconds(4));
}

TEST_F(ServerLoadTest, TlsHandshakeThatDoesNotComeIsGivenUp) {
  const auto certificate = *webhook::ServingCertificate::Create(*webhook::MakeSelfSigned({}));
  StartServer({.certificate = certificate.get(), .handshake_timeout = milliseconds(50)});
  EXPECT_TRUE(Connect()->EndsInSilence());
}

TEST_F(ServerLoadTest, HandshakesThatDoNotComeMakeRoomAtTheirLimit) {
  const auto certificate = *webhook::ServingCertificate::Create(*webhook::MakeSelfSigned({}));
  StartServer(
      {.certificate = certificate.get(), .max_handshakes = 4, .handshake_timeout = seconds(60)});
  const auto kept = HttpClient::Connect({.port = server_->Port(), .tls = true});
  ASSERT_EQ(kept->Exchange(GetRequest("/mutate")).status, 200);
  const Clients silent = ConnectMany(8, "");
  const auto served = HttpClient::Connect({.port = server_->Port(), .tls = true});
  EXPECT_EQ(served->Exchange(GetRequest("/mutate")).status, 200);
  EXPECT_TRUE(silent.front()->EndsInSilence());
  EXPECT_EQ(kept->Exchange(GetRequest("/mutate")).status, 200);
}

TEST_F(ServerLoadTest, NewcomersWaitWhileOthersShakeHands) {
  const auto certificate = *webhook::ServingCertificate::Create(*webhook::MakeSelfSigned({}));
  StartServer({.certificate = certificate.get(),
               .max_handshakes = 1,
               .handshake_timeout = seconds(60),
               .handshake_patience = seconds(10)});
  std::atomic<int> served{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back([&] {
      const auto client = HttpClient::Connect({.port = server_->Port(), .tls = true});
      if (client && client->Exchange(GetRequest("/mutate")).status == 200) ++served;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(served, 20) << "nobody's handshake was ended";
}

TEST_F(ServerLoadTest, HalfClosedClientStillGetsItsAnswer) {
  StartServer();
  const auto client = Connect();
  client->Send(GetRequest("/gate"));
  client->FinishSending();
  gate_.AwaitOneInside();
  gate_.Open();
  EXPECT_EQ(client->ReadResponse().body, "done");
  EXPECT_TRUE(client->EndsInSilence());
}

TEST_F(ServerLoadTest, HalfClosedTlsClientStillGetsItsAnswer) {
  const auto certificate = *webhook::ServingCertificate::Create(*webhook::MakeSelfSigned({}));
  StartServer({.certificate = certificate.get()});
  const auto client = HttpClient::Connect({.port = server_->Port(), .tls = true});
  client->Send(GetRequest("/gate"));
  client->FinishSending();
  gate_.AwaitOneInside();
  gate_.Open();
  EXPECT_EQ(client->ReadResponse().body, "done");
  server_->Stop();
}

TEST_F(ServerLoadTest, ClientThatLeavesBeforeItsAnswerHarmsNobody) {
  StartServer();
  {
    const Clients leaving = ConnectMany(10, GetRequest("/gate"));
    gate_.AwaitInside(2);
  }
  EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200);
  gate_.Open();
  EXPECT_EQ(Ask(GetRequest("/gate")).status, 200);
}

TEST_F(ServerLoadTest, AnswerLeavesAsFastAsItsClientReads) {
  StartServer();
  const std::string body(std::size_t{6} << 20, 'x');  // more than the system keeps for a socket
  const auto client = Connect();
  client->Send(PostRequest("/mutate", body));
  EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200) << "while the large answer cannot leave";
  EXPECT_EQ(client->ReadResponse().body, "POST|application/json||" + body);
  EXPECT_EQ(client->Exchange(GetRequest("/mutate")).status, 200);
}

TEST_F(ServerLoadTest, ClientThatDoesNotReadItsAnswerIsClosed) {
  StartServer({.write_timeout = milliseconds(100)});
  const auto client = Connect();
  client->Send(PostRequest("/mutate", std::string(std::size_t{6} << 20, 'x')));
  const auto start = steady_clock::now();
  server_->Stop(seconds(20));
  EXPECT_LT(steady_clock::now() - start, seconds(10));
  EXPECT_EQ(client->ReadResponse().status, 0) << "cut in the middle";
}

TEST_F(ServerLoadTest, LargeBodiesLeaveRoomForSmallOnes) {
  StartServer({.max_inflight_bytes = 800'000});
  const auto large = Connect();
  large->Send("POST /mutate HTTP/1.1\r\nContent-Length: 500000\r\n\r\n" +
              std::string(499'000, 'x'));
  for (int i = 0; i < 100; ++i) {  // by then all of it has been read
    EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200);
  }
  EXPECT_EQ(Ask(PostRequest("/mutate", std::string(150'000, 'x'))).status, 503);
  EXPECT_EQ(Ask(PostRequest("/mutate", std::string(50'000, 'x'))).status, 200);
}

}  // namespace
}  // namespace injector::test
