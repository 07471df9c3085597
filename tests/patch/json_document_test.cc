#include "patch/json_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace injector::test {
namespace {

using patch::ErrorKind;
using patch::JsonParser;
using patch::JsonType;
using patch::JsonValue;
using testing::ElementsAre;

std::string Nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonParserParse, TypesOfValues) {
  JsonParser parser;
  const JsonValue root = parser
                             .Parse(R"({"n": null, "b": true, "i": -7, "d": 1.5, "s": "x",
    "a": [1, 2], "o": {}})")
                             .value();
  EXPECT_EQ(root.Type(), JsonType::kObject);
  EXPECT_EQ(root.Find("n").Type(), JsonType::kNull);
  EXPECT_TRUE(root.Find("b").IsTrue());
  EXPECT_EQ(root.Find("i").Integer(), -7);
  EXPECT_EQ(root.Find("d").Integer(), std::nullopt);
  EXPECT_EQ(root.Find("s").String(), "x");
  EXPECT_EQ(root.Find("a").Type(), JsonType::kArray);
  EXPECT_EQ(root.Find("o").Type(), JsonType::kObject);
}

TEST(JsonValueFind, MissingMemberAnswersNothing) {
  JsonParser parser;
  const JsonValue missing = parser.Parse("[1]").value().Find("x").Find("y");
  EXPECT_EQ(missing.Type(), JsonType::kMissing);
  EXPECT_TRUE(missing.IsMissingOrNull());
  EXPECT_EQ(missing.String(), "");
  EXPECT_FALSE(missing.IsTrue());
  EXPECT_EQ(missing.Integer(), std::nullopt);
}

TEST(JsonValueFind, OfRepeatedKeysTheLastCounts) {
  JsonParser parser;
  EXPECT_EQ(parser.Parse(R"({"a": 1, "b": 2, "a": 3})").value().Find("a").Integer(), 3);
}

TEST(JsonValueForEachMember, DocumentOrderWithRepeatedKeys) {
  JsonParser parser;
  std::vector<std::string> keys;
  parser.Parse(R"({"b": 1, "a": 2, "b": 3})")
      .value()
      .ForEachMember([&](std::string_view key, JsonValue) { keys.emplace_back(key); });
  EXPECT_THAT(keys, ElementsAre("b", "a", "b"));
}

TEST(JsonValueForEachElement, InOrder) {
  JsonParser parser;
  std::vector<std::int64_t> numbers;
  parser.Parse("[3, 1, 2]").value().ForEachElement([&](JsonValue value) {
    numbers.push_back(value.Integer().value());
  });
  EXPECT_THAT(numbers, ElementsAre(3, 1, 2));
}

TEST(JsonParserParse, EscapesAreResolved) {
  JsonParser parser;
  EXPECT_EQ(parser.Parse(R"("a\n\u00e4\ud83d\ude00\/")").value().String(),
            "a\n\xC3\xA4\xF0\x9F\x98\x80/");
}

TEST(JsonParserParse, IntegersOf64Bits) {
  JsonParser parser;
  EXPECT_EQ(parser.Parse("9223372036854775807").value().Integer(), INT64_MAX);
  EXPECT_EQ(parser.Parse("-9223372036854775808").value().Integer(), INT64_MIN);
  EXPECT_EQ(parser.Parse("18446744073709551615").value().Integer(), std::nullopt);
}

TEST(JsonParserParse, WhatNobodyCanHaveMeantIsRefused) {
  JsonParser parser;
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"empty text", ""},
      {"no value", "  "},
      {"trailing text", "{} {}"},
      {"trailing comma", "[1,]"},
      {"comment", "[1 /* one */]"},
      {"single quotes", "{'a': 1}"},
      {"integer beyond 64 bits", R"({"a": 18446744073709551616})"},
      {"negative integer beyond 64 bits", "-9223372036854775809"},
      {"lone surrogate", R"("\ud83d")"},
      {"invalid UTF-8", "\"\xC3\x28\""},
      {"control character", "\"a\nb\""},
      {"leading zero", "[01]"},
      {"not a number", "[NaN]"},
      {"unclosed", R"({"a": [1)"},
  };
  for (const auto& [name, text] : cases) {
    const auto parsed = parser.Parse(text);
    ASSERT_FALSE(parsed.has_value()) << name;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kMalformedJson) << name;
    EXPECT_EQ(parsed.error().where.rfind("offset ", 0), 0U) << name;
    EXPECT_FALSE(parsed.error().message.empty()) << name;
  }
}

TEST(JsonParserParse, NumberOfValuesIsBounded) {
  const auto ones = [](std::size_t count) {
    std::string text = "[1";
    for (std::size_t i = 1; i < count; ++i) text += ",1";
    return text + "]";
  };
  JsonParser parser;
  EXPECT_TRUE(parser.Parse(ones(499'999)).has_value());
  const auto many = parser.Parse(ones(500'000));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().message, "more than 500000 values");
}

TEST(JsonParserParse, DepthIsBounded) {
  JsonParser parser;
  EXPECT_TRUE(parser.Parse(Nested(patch::kMaxJsonDepth - 1)).has_value());
  const auto deep = parser.Parse(Nested(patch::kMaxJsonDepth + 1));
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().message, "nested deeper than 512 levels");
}

std::string Large() {
  return "[\"" + std::string(3U << 20U, 'x') + "\"]";
}

TEST(JsonParserShrink, BuffersOfALargeTextAreGivenBack) {
  JsonParser parser;
  EXPECT_TRUE(parser.Parse(Large()).has_value());
  EXPECT_GE(parser.Capacity(), 3U << 20U);
  parser.Shrink();
  EXPECT_EQ(parser.Capacity(), 0U);
}

TEST(JsonParserShrink, BuffersOfAUsualTextAreKept) {
  JsonParser parser;
  EXPECT_TRUE(parser.Parse("[\"" + std::string(50'000, 'x') + "\"]").has_value());
  parser.Shrink();
  EXPECT_GE(parser.Capacity(), 50'000U);
}

TEST(JsonParserParse, ParserIsReusedAfterAFaultAndAfterALargeText) {
  JsonParser parser;
  EXPECT_FALSE(parser.Parse("{").has_value());
  EXPECT_TRUE(parser.Parse(Large()).has_value());
  parser.Shrink();
  EXPECT_EQ(parser.Parse(R"({"a": 1})").value().Find("a").Integer(), 1);
}

}  // namespace
}  // namespace injector::test
