#include "patch/json_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace injector::test {
namespace {

using patch::AppendJsonString;
using patch::JsonWriter;

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

TEST(AppendJsonString, QuotesBackslashesAndControlCharactersAreEscaped) {
  EXPECT_EQ(Quoted(""), "\"\"");
  EXPECT_EQ(Quoted("plain"), "\"plain\"");
  EXPECT_EQ(Quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("\n\r\t"), R"("\n\r\t")");
  EXPECT_EQ(Quoted(std::string_view("\0\x1f", 2)), R"("\u0000\u001f")");
}

TEST(AppendJsonString, OtherCharactersStay) {
  EXPECT_EQ(Quoted("/\x7f\xC3\xA4\xF0\x9F\x98\x80"), "\"/\x7f\xC3\xA4\xF0\x9F\x98\x80\"");
}

TEST(AppendJsonString, WhatNeedsAnEscapeIsFoundAtEachPlaceOfLongTexts) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      const std::string left(before, 'a'), right(after, '\xE4');
      EXPECT_EQ(Quoted(left + '"' + right), "\"" + left + "\\\"" + right + "\"");
      EXPECT_EQ(Quoted(left + '\\' + right), "\"" + left + "\\\\" + right + "\"");
      EXPECT_EQ(Quoted(left + '\x1f' + right), "\"" + left + "\\u001f" + right + "\"");
      EXPECT_EQ(Quoted(left + ' ' + right), "\"" + left + ' ' + right + "\"");
      EXPECT_EQ(Quoted(left + "\n\"" + right), "\"" + left + "\\n\\\"" + right + "\"");
    }
  }
}

TEST(JsonWriter, CommasStandBetweenMembersAndElements) {
  std::string out;
  JsonWriter writer(out);
  writer.BeginObject().Member("name", "orders").Member("port", 8080).Member("ready", true);
  writer.Key("list").BeginArray().String("a").Integer(-1).Bool(false).BeginObject().EndObject();
  writer.EndArray().Key("none").BeginArray().EndArray().EndObject();
  EXPECT_EQ(out,
            R"({"name":"orders","port":8080,"ready":true,"list":["a",-1,false,{}],"none":[]})");
}

TEST(JsonWriter, StringThatEndsLikeABracketTakesAComma) {
  std::string out;
  JsonWriter(out).BeginArray().String("[").String("{").String(":").String("").EndArray();
  EXPECT_EQ(out, R"(["[","{",":",""])");
}

TEST(JsonWriter, RawTextIsOneOrSeveralValues) {
  std::string out;
  JsonWriter(out).BeginArray().Raw("").Raw(R"({"a":1},{"b":2})").Raw("").Raw("3").EndArray();
  EXPECT_EQ(out, R"([{"a":1},{"b":2},3])");
}

TEST(JsonWriter, ValueIsAppendedToWhatIsThere) {
  std::string out = "before ";
  JsonWriter(out).BeginObject().Member("a", std::string_view("x")).EndObject();
  EXPECT_EQ(out, R"(before {"a":"x"})");
}

TEST(JsonWriter, IntegersOf64Bits) {
  std::string out;
  JsonWriter(out).BeginArray().Integer(INT64_MIN).Integer(INT64_MAX).EndArray();
  EXPECT_EQ(out, "[-9223372036854775808,9223372036854775807]");
}

}  // namespace
}  // namespace injector::test
