#include "k8s/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace injector::test {
namespace {

std::string Encoded(std::string_view bytes) {
  std::string out;
  k8s::AppendBase64(out, bytes);
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
  k8s::AppendBase64(out, "f");
  EXPECT_EQ(out, "xZg==");
}

TEST(DecodeBase64, EachLengthComesBack) {
  EXPECT_EQ(k8s::DecodeBase64(""), "");
  EXPECT_EQ(k8s::DecodeBase64("Zg=="), "f");
  EXPECT_EQ(k8s::DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(k8s::DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(k8s::DecodeBase64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(k8s::DecodeBase64("//77"), "\xff\xfe\xfb");
}

TEST(DecodeBase64, LineBreaksArePassedOver) {
  EXPECT_EQ(k8s::DecodeBase64("Zm9v\nYmFy\n"), "foobar");
}

TEST(DecodeBase64, AnythingElseIsNothing) {
  for (const char* text : {"Zg", "Zg=", "Z", "Zm9v=", "Zm9-", "Zg==Zg==", "="}) {
    EXPECT_EQ(k8s::DecodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace injector::test
