#include "webhook/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

std::string Encoded(std::string_view bytes) {
  std::string out;
  webhook::AppendBase64(out, bytes);
  return out;
}

// Source: RFC 4648 section 10.
TEST(Base64, NothingGivesNothing) {
  EXPECT_EQ(Encoded(""), "");
}
TEST(Base64, OneByteGetsTwoPads) {
  EXPECT_EQ(Encoded("f"), "Zg==");
}
TEST(Base64, TwoBytesGetOnePad) {
  EXPECT_EQ(Encoded("fo"), "Zm8=");
}
TEST(Base64, ThreeBytesGetNoPad) {
  EXPECT_EQ(Encoded("foo"), "Zm9v");
}
TEST(Base64, LongerTextIsGroupAfterGroup) {
  EXPECT_EQ(Encoded("foobar"), "Zm9vYmFy");
}
TEST(Base64, HighBytesUseTheLastDigits) {
  EXPECT_EQ(Encoded("\xff\xfe\xfb"), "//77");
}

TEST(Base64, WhatWasThereStays) {
  std::string out = "x";
  webhook::AppendBase64(out, "f");
  EXPECT_EQ(out, "xZg==");
}

}  // namespace
}  // namespace injector::test
