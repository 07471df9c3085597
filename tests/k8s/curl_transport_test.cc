#include "k8s/curl_transport.h"

#include <gmock/gmock.h>

#include <atomic>

#include "tests/support/fixed_cluster.h"
#include "tests/support/tls_server.h"
#include "webhook/certificate.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using k8s::ApiRequest;
using k8s::CurlTransport;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::Not;

const webhook::KeyPair& Pair() {
  static const webhook::KeyPair pair = webhook::MakeSelfSigned({}).value();
  return pair;
}

ApiRequest GetOf(const std::string& path, milliseconds time = std::chrono::seconds(10)) {
  return {"GET", path, "", "", steady_clock::now() + time};
}

class CurlTransportTest : public ::testing::Test {
 protected:
  // Starts the server; every request is answered by `handler`.
  void Serve(TlsServer::Handler handler) { Serve(Pair(), std::move(handler)); }
  void Serve(const webhook::KeyPair& pair, TlsServer::Handler handler) {
    server_ = std::make_unique<TlsServer>(pair.certificate_pem, pair.key_pem, std::move(handler));
    cluster_.server = "https://127.0.0.1:" + std::to_string(server_->port());
    cluster_.credentials.ca = pair.certificate_pem;
  }

  std::unique_ptr<TlsServer> server_;
  FixedCluster cluster_;
  CurlTransport transport_{cluster_};
};

TEST_F(CurlTransportTest, GetReturnsStatusAndBody) {
  std::string head;
  Serve([&](TlsPeer& peer) {
    head = peer.head;
    peer.Send(HttpResponse(200, R"({"kind": "Pod"})"));
  });
  const auto reply = transport_.Send(GetOf("/api/v1/pods?limit=5"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, R"({"kind": "Pod"})");
  EXPECT_EQ(reply->retry_after, "");
  EXPECT_THAT(head, HasSubstr("GET /api/v1/pods?limit=5 HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nAccept: application/json\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Authorization")));
}

TEST_F(CurlTransportTest, PatchSendsTypeAndBody) {
  std::string head;
  std::string body;
  Serve([&](TlsPeer& peer) {
    head = peer.head;
    body = peer.body;
    peer.Send(HttpResponse(200, "{}"));
  });
  ApiRequest request = GetOf("/x");
  request.method = "PATCH";
  request.content_type = "application/json-patch+json";
  request.body = R"([{"op": "test"}])";
  ASSERT_TRUE(transport_.Send(request));
  EXPECT_THAT(head, HasSubstr("PATCH /x HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Type: application/json-patch+json\r\n"));
  EXPECT_EQ(body, R"([{"op": "test"}])");
}

TEST_F(CurlTransportTest, ConnectionIsKeptAndNothingOfTheCallBeforeIs) {
  std::string head;
  int connection = -1;
  Serve([&](TlsPeer& peer) {
    head = peer.head;
    connection = peer.connection;
    peer.Send(HttpResponse(200, "{}"));
  });
  ApiRequest patch = GetOf("/x");
  patch.method = "PATCH";
  patch.content_type = "application/json-patch+json";
  patch.body = "[]";
  ASSERT_TRUE(transport_.Send(patch));
  ASSERT_TRUE(transport_.Send(GetOf("/y")));
  EXPECT_EQ(connection, 0);
  EXPECT_THAT(head, HasSubstr("GET /y HTTP/1.1\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-")));
}

TEST_F(CurlTransportTest, TokenIsSent) {
  std::string head;
  Serve([&](TlsPeer& peer) {
    head = peer.head;
    peer.Send(HttpResponse(200, "{}"));
  });
  cluster_.credentials.token = "a.b-c_d~e+f/g=";
  ASSERT_TRUE(transport_.Send(GetOf("/x")));
  EXPECT_THAT(head, HasSubstr("\r\nAuthorization: Bearer a.b-c_d~e+f/g=\r\n"));
}

TEST_F(CurlTransportTest, TokenThatNoHeaderMayHoldIsRefusedUnsent) {
  std::atomic<int> requests = 0;
  Serve([&](TlsPeer& peer) {
    ++requests;
    peer.Send(HttpResponse(200, "{}"));
  });
  for (const char* token : {"a\r\nX-Remote-User: admin", "a\nb", "a b", "a\x7f", "\xC3\xA4"}) {
    cluster_.credentials.token = token;
    const auto reply = transport_.Send(GetOf("/x"));
    ASSERT_FALSE(reply) << token;
    EXPECT_EQ(reply.error().kind, ApiErrorKind::kConfiguration);
    EXPECT_EQ(reply.error().message,
              "GET /x: the bearer token holds a character that no header may hold");
    const auto stream = transport_.Stream(GetOf("/x"), milliseconds(5000),
                                          [](std::string_view) { return true; }, {});
    ASSERT_FALSE(stream) << token;
    EXPECT_EQ(stream.error().kind, ApiErrorKind::kConfiguration);
  }
  EXPECT_EQ(requests, 0);
}

TEST_F(CurlTransportTest, StopEndsACallLongBeforeItsDeadline) {
  std::stop_source stop;
  Serve([&](TlsPeer& peer) {
    stop.request_stop();
    EXPECT_TRUE(peer.WaitForEnd());
  });
  CurlTransport transport(cluster_, stop.get_token());
  const auto begin = steady_clock::now();
  const auto reply = transport.Send(GetOf("/x", std::chrono::minutes(10)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUnreachable);
  EXPECT_EQ(reply.error().message, "GET /x: stopped");
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(CurlTransportTest, StopOfARequestEndsThatOneOnly) {
  std::stop_source stop;
  Serve([&](TlsPeer& peer) {
    if (peer.head.find("GET /slow ") == std::string::npos) {
      peer.Send(HttpResponse(200, "{}"));
      return;
    }
    stop.request_stop();
    EXPECT_TRUE(peer.WaitForEnd());
  });
  ApiRequest slow = GetOf("/slow", std::chrono::minutes(10));
  slow.stop = stop.get_token();
  const auto begin = steady_clock::now();
  const auto reply = transport_.Send(slow);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUnreachable);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_TRUE(transport_.Send(GetOf("/x")));
}

TEST_F(CurlTransportTest, Status401DropsTheCredentials) {
  Serve([](TlsPeer& peer) { peer.Send(HttpResponse(401, "{}")); });
  const auto reply = transport_.Send(GetOf("/x"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 401);
  EXPECT_EQ(cluster_.refused, 1);
}

TEST_F(CurlTransportTest, Status429SaysWhenToTryAgain) {
  Serve([](TlsPeer& peer) { peer.Send(HttpResponse(429, "{}", "retry-AFTER:  7\r\n")); });
  const auto reply = transport_.Send(GetOf("/x"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 429);
  EXPECT_EQ(reply->retry_after, "7");
  EXPECT_EQ(cluster_.refused, 0);
}

TEST_F(CurlTransportTest, RedirectIsNotFollowed) {
  std::atomic<int> requests = 0;
  Serve([&](TlsPeer& peer) {
    ++requests;
    peer.Send(HttpResponse(302, "", "Location: /elsewhere\r\n"));
  });
  const auto reply = transport_.Send(GetOf("/x"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 302);
  EXPECT_EQ(requests, 1);
}

TEST_F(CurlTransportTest, UnusableCredentialsAreTheCallsError) {
  cluster_.fault = "no token";
  const auto reply = transport_.Send(GetOf("/x"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kConfiguration);
  EXPECT_EQ(reply.error().message, "no token");
}

TEST_F(CurlTransportTest, DeadlineIsATimeout) {
  std::atomic<bool> ended = false;
  Serve([&](TlsPeer& peer) { ended = peer.WaitForEnd(); });
  const auto reply = transport_.Send(GetOf("/x", milliseconds(300)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kTimeout);
  server_.reset();
  EXPECT_TRUE(ended);
}

TEST_F(CurlTransportTest, NothingListeningIsUnreachable) {
  Serve([](TlsPeer&) {});
  server_.reset();
  const auto reply = transport_.Send(GetOf("/x"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUnreachable);
}

TEST_F(CurlTransportTest, AnswerCutShortIsUnreachable) {
  Serve([](TlsPeer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
    peer.Close();
  });
  const auto reply = transport_.Send(GetOf("/x"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUnreachable);
}

TEST_F(CurlTransportTest, BodyBeyondTheBoundIsABadReply) {
  Serve([](TlsPeer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    const std::string piece(1U << 20U, ' ');
    for (int i = 0; i < 80; ++i) peer.Send(piece);
  });
  const auto reply = transport_.Send(GetOf("/x", std::chrono::seconds(30)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kBadReply);
  EXPECT_EQ(reply.error().message, "GET /x: the answer is too long");
}

}  // namespace
}  // namespace injector::test
