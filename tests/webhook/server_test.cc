#include "webhook/server.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using webhook::Server;

using ServerTest = ServerFixture;

TEST_F(ServerTest, PostReachesTheHandlerOfItsPath) {
  StartServer();
  const Response response = Ask(PostRequest("/mutate", "{}"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
  EXPECT_EQ(response.body, "POST|application/json||{}");
}

TEST_F(ServerTest, QueryIsNoPartOfThePath) {
  StartServer();
  EXPECT_EQ(Ask(PostRequest("/mutate?timeout=10s", "{}")).status, 200);
}

TEST_F(ServerTest, OtherPathsAreNotFoundInGosWords) {
  StartServer();
  for (const char* path : {"/", "/mutate/", "/healthz", "/mutate/x", "/MUTATE"}) {
    const Response response = Ask(PostRequest(path, "{}"));
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.body, "404 page not found\n") << path;
    EXPECT_EQ(response.Header("Content-Type"), "text/plain; charset=utf-8") << path;
    EXPECT_EQ(response.Header("X-Content-Type-Options"), "nosniff") << path;
  }
}

TEST_F(ServerTest, EveryMethodReachesTheHandler) {
  StartServer();
  EXPECT_EQ(Ask(GetRequest("/mutate")).body, "GET|||");
  EXPECT_EQ(Ask("DELETE /mutate HTTP/1.1\r\nHost: a\r\n\r\n").body, "DELETE|||");
  EXPECT_EQ(Ask("OPTIONS /mutate HTTP/1.1\r\nHost: a\r\n\r\n").body, "OPTIONS|||");
}

TEST_F(ServerTest, ChunkedBodyArrivesWhole) {
  StartServer();
  EXPECT_EQ(Ask("POST /mutate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n")
                .body,
            "POST|||abcde");
}

TEST_F(ServerTest, EncodedBodyIsNotDecoded) {
  StartServer();
  EXPECT_EQ(Ask(PostRequest("/mutate", "\x1f\x8b not gzip", "Content-Encoding: gzip\r\n")).body,
            "POST|application/json|gzip|\x1f\x8b not gzip");
}

TEST_F(ServerTest, AnswerIsNeverCompressed) {
  StartServer();
  const Response response =
      Ask(PostRequest("/mutate", std::string(4096, 'a'), "Accept-Encoding: gzip, br\r\n"));
  EXPECT_EQ(response.Header("Content-Encoding"), "");
  EXPECT_EQ(response.body, "POST|application/json||" + std::string(4096, 'a'));
}

TEST_F(ServerTest, RangeIsIgnored) {
  StartServer();
  EXPECT_EQ(Ask(PostRequest("/mutate", "{}", "range: bytes=0-1\r\nRange: bytes=1-1\r\n")).status,
            200);
}

TEST_F(ServerTest, LongRangeDoesNotOverflowTheStack) {
  StartServer();
  std::string range = "Range: bytes=0-1";
  while (range.size() < 8000) range += ",0-1";
  EXPECT_EQ(Ask(PostRequest("/mutate", "{}", range + "\r\n")).status, 200);
}

TEST_F(ServerTest, ConnectionIsKeptForManyRequests) {
  StartServer();
  const auto client = Connect();
  for (int i = 0; i < 50; ++i) {
    const Response response = client->Exchange(PostRequest("/mutate", std::to_string(i)));
    ASSERT_EQ(response.body, "POST|application/json||" + std::to_string(i));
    ASSERT_EQ(response.Header("Keep-Alive"), "");
  }
}

TEST_F(ServerTest, KeptConnectionAnswersWithoutDelay) {
  StartServer();
  const auto client = Connect();
  const auto start = steady_clock::now();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client->Exchange(GetRequest("/mutate")).status, 200);
  EXPECT_LT(steady_clock::now() - start, seconds(2)) << "40 ms each: TCP_NODELAY is missing";
}

TEST_F(ServerTest, RequestsThatArriveTogetherAreAnsweredInTurn) {
  StartServer();
  const auto client = Connect();
  client->Send(PostRequest("/mutate", "one") + PostRequest("/mutate", "two"));
  EXPECT_EQ(client->ReadResponse().body, "POST|application/json||one");
  EXPECT_EQ(client->ReadResponse().body, "POST|application/json||two");
}

TEST_F(ServerTest, ExpectContinueIsAnsweredBeforeTheBody) {
  StartServer();
  const auto client = Connect();
  client->Send(
      "POST /mutate HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client->ReadResponse().status, 100);
  EXPECT_EQ(client->Exchange("{}").body, "POST|||{}");
}

TEST_F(ServerTest, DeclaredBodyOverTheLimitIsRefusedUnread) {
  StartServer({.max_body = 100});
  const Response response = Ask("POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n");
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, "request body over 100 bytes\n");
  EXPECT_EQ(response.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response.Header("Connection"), "close");
}

TEST_F(ServerTest, RefusalReachesAClientThatSendsFirst) {
  StartServer({.max_body = 1000});
  EXPECT_EQ(Ask(PostRequest("/mutate", std::string(4 << 20, 'x'))).status, 413);
}

TEST_F(ServerTest, ChunkedBodyOverTheLimitIsRefused) {
  StartServer({.max_body = 4});
  EXPECT_EQ(Ask("POST /mutate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n")
                .status,
            413);
}

TEST_F(ServerTest, HeadOverTheLimitIsRefused) {
  StartServer();
  EXPECT_EQ(Ask("GET /mutate HTTP/1.1\r\nX-Long: " + std::string(20000, 'x')).status, 431);
}

TEST_F(ServerTest, BodiesBeyondTheCommonBudgetAreRefusedForNow) {
  StartServer({.max_inflight_bytes = 10'000});
  const Response response = Ask(PostRequest("/mutate", std::string(200'000, 'x')));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.Header("Retry-After"), "1");
}

TEST_F(ServerTest, MalformedRequestsAreRefused) {
  StartServer();
  for (const char* bytes : {
           "GET\r\n\r\n",
           "nonsense that is no request line\r\n\r\n",
           "POST /mutate HTTP/1.1\r\nContent-Length: x\r\n\r\n",
           "POST /mutate HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
           "POST /mutate HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           "GET /mutate HTTP/1.1\r\nName : value\r\n\r\n",
           "GET /mutate HTTP/1.1\r\nName: a\nOther: b\r\n\r\n",
           "GET /mutate HTTP/1.1\r\n folded\r\n\r\n",
       }) {
    const auto client = Connect();
    const Response response = client->Exchange(bytes);
    EXPECT_EQ(response.status, 400) << bytes;
    EXPECT_EQ(response.Header("Content-Type"), "text/plain; charset=utf-8") << bytes;
    EXPECT_EQ(response.body.back(), '\n') << bytes;
    EXPECT_TRUE(client->EndsInSilence()) << bytes;
  }
}

TEST_F(ServerTest, RequestThatNeverEndsIsGivenUp) {
  StartServer({.request_timeout = milliseconds(100)});
  const auto client = Connect();
  EXPECT_EQ(client->Exchange("POST /mutate HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").status, 408);
}

TEST_F(ServerTest, IdleConnectionIsClosed) {
  StartServer({.idle_timeout = milliseconds(100)});
  const auto client = Connect();
  ASSERT_EQ(client->Exchange(GetRequest("/mutate")).status, 200);
  EXPECT_TRUE(client->EndsInSilence());
}

TEST_F(ServerTest, SlowClientsDelayNobody) {
  StartServer();
  std::vector<std::unique_ptr<HttpClient>> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(Connect());
    slow.back()->Send("POST /mutate HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
  }
  const auto start = steady_clock::now();
  EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200);
  EXPECT_LT(steady_clock::now() - start, seconds(1));
}

TEST_F(ServerTest, LongestIdleConnectionMakesRoomForANewOne) {
  // One worker: the first client is idle again before the second one is served.
  StartServer({.max_connections = 2, .max_workers = 1});
  const auto first = Connect();
  ASSERT_EQ(first->Exchange(GetRequest("/mutate")).status, 200);
  const auto second = Connect();
  ASSERT_EQ(second->Exchange(GetRequest("/mutate")).status, 200);
  EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200);
  EXPECT_TRUE(first->EndsInSilence());
  EXPECT_EQ(second->Exchange(GetRequest("/mutate")).status, 200);
}

TEST_F(ServerTest, DrainingAnswersWithConnectionClose) {
  StartServer();
  const auto client = Connect();
  EXPECT_EQ(client->Exchange(GetRequest("/mutate")).Header("Connection"), "");
  server_->Drain();
  EXPECT_EQ(client->Exchange(GetRequest("/mutate")).Header("Connection"), "close");
  EXPECT_TRUE(client->EndsInSilence());
  EXPECT_EQ(Ask(GetRequest("/mutate")).status, 200) << "new connections are served until Stop";
}

TEST_F(ServerTest, StopLetsARequestInFlightEnd) {
  StartServer();
  const auto client = Connect();
  client->Send(GetRequest("/gate"));
  gate_.AwaitOneInside();
  std::thread stopper([this] { server_->Stop(seconds(10)); });
  while (Connect() != nullptr) std::this_thread::yield();  // until the port is closed
  gate_.Open();
  stopper.join();
  EXPECT_EQ(client->ReadResponse().body, "done");
}

TEST_F(ServerTest, StopLetsARequestThatHasBegunToArriveEnd) {
  StartServer();
  const auto client = Connect();
  client->Send("POST /mutate HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
  std::thread stopper([this] { server_->Stop(seconds(10)); });
  while (Connect() != nullptr) std::this_thread::yield();  // until the port is closed
  EXPECT_EQ(client->Exchange("cd").body, "POST|||abcd");
  stopper.join();
}

TEST_F(ServerTest, StopClosesIdleConnectionsAtOnce) {
  StartServer();
  const auto client = Connect();
  ASSERT_EQ(client->Exchange(GetRequest("/mutate")).status, 200);
  const auto start = steady_clock::now();
  server_->Stop(seconds(10));
  EXPECT_LT(steady_clock::now() - start, seconds(5));
  EXPECT_TRUE(client->EndsInSilence());
}

TEST_F(ServerTest, StopCutsAClientThatIsStillSlowAfterTheGrace) {
  StartServer();
  const auto client = Connect();
  client->Send("POST /mutate HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
  const auto other = Connect();
  ASSERT_EQ(other->Exchange(GetRequest("/mutate")).status, 200);
  const auto start = steady_clock::now();
  server_->Stop(milliseconds(200));
  EXPECT_LT(steady_clock::now() - start, seconds(5));
  EXPECT_TRUE(client->EndsInSilence());
}

TEST_F(ServerTest, PortInUseIsAnErrorThatNamesIt) {
  StartServer();
  const auto second = Server::Start({.address = "127.0.0.1", .port = server_->Port()}, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, webhook::ErrorKind::kListen);
  EXPECT_EQ(second.error().message,
            "cannot listen on 127.0.0.1:" + std::to_string(server_->Port()) +
                ": Address already in use; another program has the port, "
                "choose another one");
}

TEST_F(ServerTest, AddressOfAnotherMachineIsAnError) {
  const auto server = Server::Start({.address = "192.0.2.1"}, {});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, webhook::ErrorKind::kListen);
}

TEST_F(ServerTest, EveryInterfaceIncludesLoopback) {
  auto server = Server::Start({}, {.paths = {{"/mutate", &echo_}}, .any_other_path = nullptr});
  ASSERT_TRUE(server) << server.error().Text();
  const auto client = HttpClient::Connect({.port = (*server)->Port(), .tls = false});
  EXPECT_EQ(client->Exchange(GetRequest("/mutate")).status, 200);
}

TEST_F(ServerTest, AnyOtherPathGoesToItsHandler) {
  auto server = Server::Start({.address = "127.0.0.1"}, {.paths = {}, .any_other_path = &echo_});
  ASSERT_TRUE(server) << server.error().Text();
  const auto client = HttpClient::Connect({.port = (*server)->Port(), .tls = false});
  EXPECT_EQ(client->Exchange(GetRequest("/whatever")).body, "GET|||");
}

}  // namespace
}  // namespace injector::test
