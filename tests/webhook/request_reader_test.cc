#include "webhook/request_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

using webhook::ArrivedRequest;
using webhook::RequestReader;

constexpr std::string_view kPost = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
constexpr std::string_view kChunked =
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";

// Whether `bytes` make a request whole; a fault counts as no.
bool Completes(RequestReader& reader, std::string_view bytes) {
  const auto whole = reader.Feed(bytes);
  return whole && *whole;
}

TEST(RequestReader, RequestIsWholeWithTheLastByteOfItsBody) {
  RequestReader reader(100);
  EXPECT_FALSE(Completes(reader, kPost.substr(0, kPost.size() - 1)));
  EXPECT_TRUE(Completes(reader, kPost.substr(kPost.size() - 1)));
  const ArrivedRequest request = reader.Take();
  EXPECT_EQ(request.Head(), "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(request.Body(), "abc");
}

TEST(RequestReader, BytesMayArriveOneByOne) {
  for (const std::string_view bytes : {kPost, kChunked}) {
    RequestReader reader(100);
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
      ASSERT_FALSE(Completes(reader, bytes.substr(i, 1))) << i << " of " << bytes;
    }
    ASSERT_TRUE(Completes(reader, bytes.substr(bytes.size() - 1))) << bytes;
    EXPECT_EQ(reader.Take().Body(), "abc");
    EXPECT_FALSE(reader.HasBegun());
  }
}

TEST(RequestReader, BytesBehindARequestAreTheNextOne) {
  RequestReader reader(100);
  ASSERT_TRUE(Completes(reader, std::string(kChunked) + std::string(kPost) + "GET / HT"));
  EXPECT_EQ(reader.Take().Body(), "abc");
  ASSERT_TRUE(reader.HasBegun());
  ASSERT_TRUE(Completes(reader, ""));
  EXPECT_EQ(reader.Take().Body(), "abc");
  EXPECT_FALSE(Completes(reader, ""));
  EXPECT_TRUE(Completes(reader, "TP/1.1\r\n\r\n"));
  EXPECT_EQ(reader.Take().Head(), "GET / HTTP/1.1\r\n\r\n");
}

TEST(RequestReader, BodyOverTheLimitIsRefusedWithTheHead) {
  RequestReader reader(2);
  const auto whole = reader.Feed(kPost.substr(0, kPost.size() - 3));
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().status, 413);
}

TEST(RequestReader, MemoryFollowsWhatArrivesNotWhatIsAnnounced) {
  RequestReader reader(std::size_t{8} << 20);
  EXPECT_FALSE(Completes(reader, "POST / HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n"));
  EXPECT_LT(reader.HeldBytes(), 200U);
  EXPECT_FALSE(Completes(reader, std::string(100'000, 'x')));
  EXPECT_GE(reader.HeldBytes(), 100'000U);
  EXPECT_LT(reader.HeldBytes(), 201'000U);
}

TEST(RequestReader, ClearGivesTheMemoryBack) {
  RequestReader reader(std::size_t{8} << 20);
  EXPECT_FALSE(Completes(
      reader, "POST / HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n" + std::string(100'000, 'x')));
  reader.Clear();
  EXPECT_LT(reader.HeldBytes(), 100U);
  EXPECT_TRUE(Completes(reader, kPost));
}

TEST(RequestReader, ClientThatAsksBeforeItSendsIsToldOnce) {
  RequestReader reader(100);
  EXPECT_FALSE(
      Completes(reader, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_TRUE(reader.TakeWishToContinue());
  EXPECT_FALSE(reader.TakeWishToContinue());
  EXPECT_TRUE(Completes(reader, "abc"));
}

TEST(RequestReader, ClientThatSendsAtOnceIsNotToldToContinue) {
  RequestReader reader(100);
  EXPECT_FALSE(
      Completes(reader, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\na"));
  EXPECT_FALSE(reader.TakeWishToContinue());
}

}  // namespace
}  // namespace injector::test
