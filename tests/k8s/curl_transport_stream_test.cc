// Bodies that come line by line and how they end.

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "k8s/curl_transport.h"
#include "tests/support/fixed_cluster.h"
#include "tests/support/tls_server.h"
#include "webhook/certificate.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using k8s::ApiReply;
using k8s::ApiResult;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;

constexpr const char* kHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr const char* kEnd = "0\r\n\r\n";

std::string Chunk(const std::string& text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string size;
  for (std::size_t left = text.size(); left > 0; left >>= 4U) size.insert(0, 1, kHex[left & 15U]);
  return size + "\r\n" + text + "\r\n";
}

class CurlTransportStreamTest : public ::testing::Test {
 protected:
  void Serve(TlsServer::Handler handler) {
    static const webhook::KeyPair pair = webhook::MakeSelfSigned({}).value();
    server_ = std::make_unique<TlsServer>(pair.certificate_pem, pair.key_pem, std::move(handler));
    cluster_.server = "https://127.0.0.1:" + std::to_string(server_->port());
    cluster_.credentials.ca = pair.certificate_pem;
  }

  // Reads until the end, or until `most` lines are there.
  ApiResult<ApiReply> Read(milliseconds silence = seconds(10), std::size_t most = 100,
                           std::stop_token stop = {}) {
    const auto on_line = [&](std::string_view line) {
      if (!line.empty()) lines_.emplace_back(line);
      return lines_.size() < most;
    };
    return transport_.Stream({"GET", "/x?watch=true", "", "", steady_clock::now() + silence},
                             silence, on_line, std::move(stop));
  }

  std::unique_ptr<TlsServer> server_;
  FixedCluster cluster_;
  k8s::CurlTransport transport_{cluster_};
  std::vector<std::string> lines_;
};

TEST_F(CurlTransportStreamTest, LinesAreWholeHoweverTheyCome) {
  Serve([](TlsPeer& peer) {
    peer.Send(kHead);
    peer.Send(Chunk("on"));
    peer.Send(Chunk("e\ntw"));
    const std::string rest = Chunk("o\n\nthree\nfour\n");
    for (const char c : rest) peer.Send(std::string(1, c));
    peer.Send(kEnd);
  });
  const auto reply = Read();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "");
  EXPECT_THAT(lines_, ElementsAre("one", "two", "three", "four"));
}

TEST_F(CurlTransportStreamTest, LineIsHandedOutBeforeTheNextComes) {
  std::atomic<bool> seen = false;
  std::atomic<bool> seen_in_time = false;
  Serve([&](TlsPeer& peer) {
    peer.Send(kHead);
    peer.Send(Chunk("one\n"));
    const auto deadline = steady_clock::now() + seconds(10);
    while (!seen && steady_clock::now() < deadline) std::this_thread::yield();
    seen_in_time = seen.load();
    peer.Send(kEnd);
  });
  const auto reply =
      transport_.Stream({"GET", "/x", "", "", steady_clock::now() + seconds(20)}, seconds(20),
                        [&](std::string_view line) { return line.empty() || (seen = true); }, {});
  EXPECT_TRUE(reply);
  EXPECT_TRUE(seen_in_time);
}

TEST_F(CurlTransportStreamTest, EmptyLineSaysThatTheServerAccepts) {
  std::atomic<bool> accepted = false;
  std::atomic<bool> accepted_in_time = false;
  Serve([&](TlsPeer& peer) {
    peer.Send("HTTP/1.1 100 Continue\r\n\r\n");
    peer.Send(kHead);
    const auto deadline = steady_clock::now() + seconds(10);
    while (!accepted && steady_clock::now() < deadline) std::this_thread::yield();
    accepted_in_time = accepted.load();
    peer.Send(Chunk("one\n\ntwo\n"));
    peer.Send(kEnd);
  });
  std::vector<std::string> lines;
  const auto reply =
      transport_.Stream({"GET", "/x", "", "", steady_clock::now() + seconds(20)}, seconds(20),
                        [&](std::string_view line) {
                          lines.emplace_back(line);
                          return accepted = true;
                        },
                        {});
  EXPECT_TRUE(reply);
  EXPECT_TRUE(accepted_in_time);
  EXPECT_THAT(lines, ElementsAre("", "one", "two"));
}

TEST_F(CurlTransportStreamTest, AnotherStatusIsAReplyWithItsBody) {
  Serve([](TlsPeer& peer) { peer.Send(HttpResponse(410, "too old\n", "Retry-After: 1\r\n")); });
  const auto reply = Read();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 410);
  EXPECT_EQ(reply->body, "too old\n");
  EXPECT_EQ(reply->retry_after, "1");
  EXPECT_TRUE(lines_.empty());
}

TEST_F(CurlTransportStreamTest, Status401DropsTheCredentials) {
  Serve([](TlsPeer& peer) { peer.Send(HttpResponse(401, "{}")); });
  ASSERT_TRUE(Read());
  EXPECT_EQ(cluster_.refused, 1);
}

TEST_F(CurlTransportStreamTest, SilenceFromTheBeginningIsATimeout) {
  Serve([](TlsPeer& peer) { EXPECT_TRUE(peer.WaitForEnd()); });
  const auto reply = Read(milliseconds(300));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kTimeout);
  EXPECT_EQ(reply.error().message, "GET /x: nothing came in time");
}

TEST_F(CurlTransportStreamTest, FirstByteHasADeadlineOfItsOwn) {
  Serve([](TlsPeer& peer) { EXPECT_TRUE(peer.WaitForEnd()); });
  const auto reply =
      transport_.Stream({"GET", "/x", "", "", steady_clock::now() + milliseconds(300)},
                        std::chrono::minutes(10), [](std::string_view) { return true; }, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kTimeout);
}

TEST_F(CurlTransportStreamTest, SilenceAfterALineIsATimeout) {
  Serve([](TlsPeer& peer) {
    peer.Send(kHead);
    peer.Send(Chunk("one\n"));
    EXPECT_TRUE(peer.WaitForEnd());
  });
  const auto reply = Read(milliseconds(500));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kTimeout);
  EXPECT_THAT(lines_, ElementsAre("one"));
}

TEST_F(CurlTransportStreamTest, ReaderThatHasEnoughEndsIt) {
  Serve([](TlsPeer& peer) {
    peer.Send(kHead);
    peer.Send(Chunk("one\ntwo\nthree\n"));
    EXPECT_TRUE(peer.WaitForEnd());
  });
  const auto reply = Read(seconds(10), 2);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_THAT(lines_, ElementsAre("one", "two"));
}

// A throw must not cross the frames of the library, which is C.
TEST_F(CurlTransportStreamTest, ReaderThatThrowsEndsItWithItsWords) {
  for (const char* bad : {"", "two"}) {
    Serve([](TlsPeer& peer) {
      peer.Send(kHead);
      peer.Send(Chunk("one\ntwo\nthree\n"));
      EXPECT_TRUE(peer.WaitForEnd());
    });
    const auto reply =
        transport_.Stream({"GET", "/x", "", "", steady_clock::now() + seconds(10)}, seconds(10),
                          [&](std::string_view line) {
                            if (line == bad) throw std::runtime_error("no memory");
                            return true;
                          },
                          {});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ApiErrorKind::kBadReply);
    EXPECT_EQ(reply.error().message, "GET /x: the answer could not be taken: no memory");
  }
}

TEST_F(CurlTransportStreamTest, StopEndsItLongBeforeTheSilence) {
  std::stop_source stop;
  Serve([&](TlsPeer& peer) {
    peer.Send(kHead);
    stop.request_stop();
    EXPECT_TRUE(peer.WaitForEnd());
  });
  const auto begin = steady_clock::now();
  const auto reply = Read(std::chrono::minutes(10), 100, stop.get_token());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUnreachable);
  EXPECT_EQ(reply.error().message, "GET /x: stopped");
  EXPECT_LT(steady_clock::now() - begin, seconds(5));
}

TEST_F(CurlTransportStreamTest, ConnectionThatBreaksIsUnreachable) {
  Serve([](TlsPeer& peer) {
    peer.Send(kHead);
    peer.Send(Chunk("one\n"));
    peer.Close();
  });
  const auto reply = Read();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUnreachable);
  EXPECT_THAT(lines_, ElementsAre("one"));
}

TEST_F(CurlTransportStreamTest, LineBeyondTheBoundIsABadReply) {
  Serve([](TlsPeer& peer) {
    peer.Send(kHead);
    const std::string piece = Chunk(std::string(1U << 20U, ' '));
    for (int i = 0; i < 12; ++i) peer.Send(piece);
  });
  const auto reply = Read();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kBadReply);
  EXPECT_TRUE(lines_.empty());
}

}  // namespace
}  // namespace injector::test
