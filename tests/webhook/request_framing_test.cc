#include "webhook/request_framing.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

using webhook::ChunkedBody;
using webhook::FrameRequest;

int StatusOf(std::string_view bytes) {
  const auto framed = FrameRequest(bytes, 100);
  return framed ? 0 : framed.error().status;
}

TEST(FrameRequest, IncompleteHeadIsNotFramedYet) {
  const auto framed = FrameRequest("POST / HTTP/1.1\r\nHost: a\r\n", 100);
  ASSERT_TRUE(framed);
  EXPECT_FALSE(*framed);
}

TEST(FrameRequest, LengthIsReadInAnyLetterCase) {
  const auto framed = FrameRequest("POST / HTTP/1.1\r\ncontent-LENGTH: 12 \r\n\r\nabc", 100);
  ASSERT_TRUE(framed && *framed);
  EXPECT_EQ((*framed)->size, 40U);
  EXPECT_EQ((*framed)->content_length, 12U);
}

TEST(FrameRequest, RequestWithoutLengthHasNoBody) {
  const auto framed = FrameRequest("POST / HTTP/1.1\r\n\r\n", 100);
  ASSERT_TRUE(framed && *framed);
  EXPECT_EQ((*framed)->content_length, 0U);
  EXPECT_FALSE((*framed)->chunked);
}

TEST(FrameRequest, ContradictingLengthsAreRefused) {
  EXPECT_EQ(StatusOf("P / H\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("P / H\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("P / H\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
            400);
}

TEST(FrameRequest, LengthThatIsNoNumberIsRefused) {
  for (const char* value : {"", "-1", "+1", "1 2", "0x10", "1,1"}) {
    EXPECT_EQ(StatusOf("P / H\r\nContent-Length: " + std::string(value) + "\r\n\r\n"), 400)
        << value;
  }
}

TEST(FrameRequest, LengthOverTheLimitIsTooLarge) {
  EXPECT_EQ(StatusOf("P / H\r\nContent-Length: 100\r\n\r\n"), 0);
  EXPECT_EQ(StatusOf("P / H\r\nContent-Length: 101\r\n\r\n"), 413);
  EXPECT_EQ(StatusOf("P / H\r\nContent-Length: 99999999999999999999999\r\n\r\n"), 413);
}

TEST(FrameRequest, OtherTransferCodingsAreNotImplemented) {
  EXPECT_EQ(StatusOf("P / H\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), 501);
}

TEST(FrameRequest, BareLineFeedsAndNulsAreRefused) {
  EXPECT_EQ(StatusOf("P / H\r\nA: b\nContent-Length: 1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("P / H\r\nA: b\rc\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf(std::string_view("P / H\r\nA: b\0c\r\n\r\n", 18)), 400);
}

TEST(FrameRequest, TooManyHeadersAreRefused) {
  std::string head = "P / H\r\n";
  for (int i = 0; i < 101; ++i) head += "A: b\r\n";
  EXPECT_EQ(StatusOf(head + "\r\n"), 431);
}

TEST(FrameRequest, HeadThatDoesNotEndIsRefusedAtItsLimit) {
  EXPECT_EQ(StatusOf("P / H\r\nA: " + std::string(16384, 'x')), 431);
}

TEST(FrameRequest, BytesThatHaveBeenSearchedAreNotSearchedAgain) {
  const std::string_view bytes = "P / H\r\n\r\nabc\r\n\r\n";
  EXPECT_EQ((*FrameRequest(bytes, 100))->size, 9U);
  EXPECT_EQ((*FrameRequest(bytes, 100, 8))->size, 9U) << "its end may have been cut in two";
  EXPECT_EQ(FrameRequest(bytes, 100, 9).error().status, 400) << "looked at the front again";
}

TEST(ChunkedBody, ArrivingByteByByteIsTheSame) {
  const std::string_view wire = "5\r\nhello\r\nA;ext=1\r\n, world!!!\r\n0\r\nT: x\r\n\r\n";
  ChunkedBody chunks(100);
  std::string body;
  std::string pending;
  for (const char byte : wire) {
    ASSERT_FALSE(chunks.Complete());
    pending += byte;
    const auto used = chunks.Feed(pending, body);
    ASSERT_TRUE(used) << used.error().text;
    pending.erase(0, *used);
  }
  EXPECT_TRUE(chunks.Complete());
  EXPECT_EQ(body, "hello, world!!!");
}

TEST(ChunkedBody, BytesOfTheNextRequestAreLeft) {
  ChunkedBody chunks(100);
  std::string body;
  EXPECT_EQ(chunks.Feed("0\r\n\r\nGET /", body).value_or(0), 5U);
  EXPECT_TRUE(chunks.Complete());
}

TEST(ChunkedBody, WhatIsLeftOfALineIsNotSearchedAgain) {
  for (const char* begin : {"", "0\r\n"}) {  // a size, a trailer
    ChunkedBody chunks(100);
    std::string body;
    ASSERT_TRUE(chunks.Feed(begin, body));
    ASSERT_EQ(chunks.Feed("1;abcd", body).value_or(9), 0U);
    EXPECT_EQ(chunks.Feed("\r\n\r\n\r\n;", body).value_or(9), 0U) << "looked at the front again";
  }
}

int ChunkStatus(std::string_view wire) {
  ChunkedBody chunks(10);
  std::string body;
  const auto used = chunks.Feed(wire, body);
  return used ? 0 : used.error().status;
}

TEST(ChunkedBody, MalformedSizesAreRefused) {
  for (const char* wire : {"x\r\n", "\r\n", "-1\r\n", "0x1\r\n", "1 1\r\n", "1\r\nab\r\n"}) {
    EXPECT_EQ(ChunkStatus(wire), 400) << wire;
  }
}

TEST(ChunkedBody, DataOverTheLimitIsTooLarge) {
  EXPECT_EQ(ChunkStatus("A\r\n0123456789\r\n0\r\n\r\n"), 0);
  EXPECT_EQ(ChunkStatus("A\r\n0123456789\r\n1\r\n"), 413);
  EXPECT_EQ(ChunkStatus("FFFFFFFFFFFFFFFFF\r\n"), 413);
}

TEST(ChunkedBody, EndlessLinesAreRefused) {
  EXPECT_EQ(ChunkStatus("1;" + std::string(300, 'x')), 400);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 100; ++i) trailers += "T: " + std::string(100, 'x') + "\r\n";
  EXPECT_EQ(ChunkStatus(trailers), 431);
}

}  // namespace
}  // namespace injector::test
