#include "k8s/manifest.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace injector::test {
namespace {

using k8s::Manifest;
using k8s::ParseManifests;
using k8s::Syntax;

std::vector<Manifest> Parsed(std::string_view text) {
  auto manifests = ParseManifests(text, "in.yaml");
  if (!manifests) {
    ADD_FAILURE() << manifests.error().Text();
    return {};
  }
  return *std::move(manifests);
}

// The JSON of each document, one a line.
std::string Json(std::string_view text) {
  std::string lines;
  for (const Manifest& manifest : Parsed(text)) lines += manifest.value.dump() + "\n";
  return lines;
}

std::string Fault(std::string_view text) {
  const auto manifests = ParseManifests(text, "in.yaml");
  return manifests ? "no fault" : manifests.error().Text();
}

std::string TextOf(std::string_view text, const Manifest& manifest) {
  return std::string(text.substr(manifest.begin, manifest.end - manifest.begin));
}

TEST(ParseManifests, MembersKeepTheOrderOfTheText) {
  EXPECT_EQ(Json("z: 1\na: [x, {q: 2, b: 3}]\n"), "{\"z\":1,\"a\":[\"x\",{\"q\":2,\"b\":3}]}\n");
}

TEST(ParseManifests, QuotedAndPlainScalarsDiffer) {
  EXPECT_EQ(Json("a: 0644\nb: '0644'\nc: \"yes\"\nd: yes\ne:\n"),
            "{\"a\":420,\"b\":\"0644\",\"c\":\"yes\",\"d\":true,\"e\":null}\n");
}

TEST(ParseManifests, LiteralAndFoldedBlocksKeepTheirText) {
  EXPECT_EQ(Json("a: |\n  {\"x\":\n   1}\n\n  # no comment\nb: >-\n  x\n  y\nc: |+\n  z\n\n"),
            "{\"a\":\"{\\\"x\\\":\\n 1}\\n\\n# no comment\\n\",\"b\":\"x y\",\"c\":\"z\\n\\n\"}\n");
}

TEST(ParseManifests, EscapedCharactersBecomeUtf8) {
  EXPECT_EQ(Json(R"("k\_": "a\_b\N\xA0\x85\u00e9\U0001F600 \xe9")"
                 "\n"),
            "{\"k\xC2\xA0\":\"a\xC2\xA0"
            "b\xC2\x85\xC2\xA0\xC2\x85\xC3\xA9\xF0\x9F\x98\x80 \xC3\xA9\"}\n");
}

TEST(ParseManifests, DocumentsWithoutContentAreLeftOut) {
  EXPECT_EQ(Json("# only a comment\n---\n---\na: 1\n---\n# another\n...\n---\nb: 2\n"),
            "{\"a\":1}\n{\"b\":2}\n");
  EXPECT_EQ(Json(""), "");
  EXPECT_EQ(Json("---"), "");
}

TEST(ParseManifests, RangesLeaveSeparatorsAndCommentsOutside) {
  const std::string text =
      "# head\n---\n# Source: x\na: 1\n  # inside\nb: |\n  # text\n\n# tail\n---\nc: 2";
  const auto manifests = Parsed(text);
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(TextOf(text, manifests[0]), "a: 1\n  # inside\nb: |\n  # text\n");
  EXPECT_EQ(manifests[0].line, 4U);
  EXPECT_EQ(TextOf(text, manifests[1]), "c: 2");
  EXPECT_EQ(manifests[1].line, 11U);
}

TEST(ParseManifests, ContentOnTheSeparatorLineBeginsBehindTheSeparator) {
  const std::string text = "--- {a: 1}\n--- # comment\nb: 2\n";
  const auto manifests = Parsed(text);
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(TextOf(text, manifests[0]), "{a: 1}\n");
  EXPECT_EQ(TextOf(text, manifests[1]), "b: 2\n");
}

TEST(ParseManifests, SeparatorEndsABlockScalar) {
  EXPECT_EQ(Json("a: |\n  x\n---\nb: 1\n"), "{\"a\":\"x\\n\"}\n{\"b\":1}\n");
}

TEST(ParseManifests, IndentedSeparatorIsText) {
  EXPECT_EQ(Json("a: |\n  ---\n  ...\n"), "{\"a\":\"---\\n...\\n\"}\n");
}

TEST(ParseManifests, ByteOrderMarkAndCarriageReturnsAreTolerated) {
  const std::string text =
      "\xEF\xBB\xBF"
      "a: 1\r\nb: |\r\n  x\r\n---\r\nc: 2\r\n";
  EXPECT_EQ(Json(text), "{\"a\":1,\"b\":\"x\\n\"}\n{\"c\":2}\n");
  EXPECT_EQ(TextOf(text, Parsed(text)[0]), "a: 1\r\nb: |\r\n  x\r\n");
}

TEST(ParseManifests, DirectivesBelongToTheirDocument) {
  EXPECT_EQ(Json("%YAML 1.1\n---\na: 1\n...\n%TAG ! tag:x,1:\n---\nb: !t 2\n"),
            "{\"a\":1}\n{\"b\":\"2\"}\n");
}

TEST(ParseManifests, MergeKeysGiveWayToWhatFollows) {
  EXPECT_EQ(Json("x: &x {p: 1, q: 2}\nz: &z {p: 5, r: 3}\na: {<<: [*x, *z], q: 9}\n"),
            "{\"x\":{\"p\":1,\"q\":2},\"z\":{\"p\":5,\"r\":3},\"a\":{\"p\":1,\"q\":9,\"r\":3}}\n");
}

TEST(ParseManifests, QuotedMergeKeyIsAKey) {
  EXPECT_EQ(Json("\"<<\": {a: 1}\n"), "{\"<<\":{\"a\":1}}\n");
}

TEST(ParseManifests, KeysAreConvertedToStrings) {
  EXPECT_EQ(Json("1: a\ntrue: b\n0x10: c\n&k k: *k\n"),
            "{\"1\":\"a\",\"true\":\"b\",\"16\":\"c\",\"k\":\"k\"}\n");
}

TEST(ParseManifests, JsonIsReadAsJson) {
  const std::string text = "{\"a\": \"\\/\\ud83d\\ude00\",\n\t\"b\": 1.0}";
  EXPECT_EQ(Json(text), "{\"a\":\"/\xF0\x9F\x98\x80\",\"b\":1.0}\n");
  EXPECT_EQ(Parsed(text)[0].syntax, Syntax::kJson);
}

TEST(ParseManifests, JsonValuesMayFollowOneAnother) {
  const std::string text = "{\"a\":1}{\"b\":2}\n [3]\n---\n{\"c\": 4}\n";
  const auto manifests = Parsed(text);
  ASSERT_EQ(manifests.size(), 4U);
  EXPECT_EQ(TextOf(text, manifests[1]), "{\"b\":2}");
  EXPECT_EQ(manifests[2].line, 2U);
  EXPECT_EQ(manifests[3].value.dump(), "{\"c\":4}");
}

TEST(ParseManifests, FlowStyleYamlIsNotTakenForJson) {
  const auto manifests = Parsed("{a: yes, b: [x,]} # comment\n");
  ASSERT_EQ(manifests.size(), 1U);
  EXPECT_EQ(manifests[0].value.dump(), "{\"a\":true,\"b\":[\"x\"]}");
  EXPECT_EQ(manifests[0].syntax, Syntax::kYaml);
}

TEST(ParseManifests, FaultsNameFileLineAndColumn) {
  EXPECT_EQ(Fault("a: 1\n---\nb: 2\nc: 3\nb: 4\n"), "in.yaml:5:1: key \"b\" is there twice");
  EXPECT_EQ(Fault("a: 1\nb: \xFF\n"),
            "in.yaml:2:4: byte 0xFF is not UTF-8; save the file as UTF-8");
  EXPECT_EQ(Fault("a: \x01\n"),
            "in.yaml:1:4: control character 0x01; write it as an escape in quotes");
  EXPECT_EQ(Fault("a: 1\rb: 2\n"),
            "in.yaml:1:5: carriage return without line feed; end lines with a line feed");
  EXPECT_EQ(Fault("a: 99999999999999999999\n"),
            "in.yaml:1:4: integer 99999999999999999999 does not fit 64 bits; quote it if a string "
            "is meant");
  EXPECT_EQ(Fault("{\"a\": 1,\n \"a\": 2}"), "in.yaml:2:4: key \"a\" is there twice");
  EXPECT_EQ(Fault("{\"a\": 99999999999999999999}").substr(0, 13), "in.yaml:1:27:");
  EXPECT_EQ(Fault("x: &x {p: 1}\na: {p: 9, <<: *x}\n"),
            "in.yaml:2:15: \"<<\" sets key \"p\", which stands before it; put \"<<\" first");
}

TEST(ParseManifests, SyntaxFaultsPointAtTheirPlace) {
  EXPECT_EQ(Fault("a: 1\n---\nb: [1\nc: 2\n").substr(0, 10), "in.yaml:4:");
  EXPECT_EQ(Fault("{\"a\": 1,\n \"b\": \"x\" 1}\n").substr(0, 10), "in.yaml:2:");
  EXPECT_EQ(Fault("a: 1\n]\n").substr(0, 10), "in.yaml:2:");
}

TEST(ParseManifests, QuoteThatIsNotClosedIsRefused) {
  for (const char* text : {"a: \"x\n", "a: \"x", "a: 'x\n\n", "a: 'x\n---\nb: 1\n"}) {
    EXPECT_NE(Fault(text).find("expected the end of a quoted string"), std::string::npos) << text;
  }
}

TEST(ParseManifests, AliasInsideItsOwnValueIsRefused) {
  EXPECT_NE(Fault("a: &a [*a]\n").find("stands inside the value"), std::string::npos);
}

TEST(ParseManifests, AliasesThatMultiplyAreRefused) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) text += before + ", ";
    text += "]\n";
  }
  EXPECT_NE(Fault(text).find("anchors and aliases"), std::string::npos);
}

std::string Nested(std::size_t depth, std::string_view open, std::string_view close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += "x";
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(ParseManifests, NestingHasALimit) {
  EXPECT_EQ(Fault(Nested(k8s::kMaxManifestDepth, "[", "]")), "no fault");
  for (const std::size_t depth : {k8s::kMaxManifestDepth + 1, std::size_t{100000}}) {
    EXPECT_NE(Fault(Nested(depth, "[", "]")).find("nested deeper"), std::string::npos) << depth;
    EXPECT_NE(Fault(Nested(depth, "{a: ", "}")).find("nested deeper"), std::string::npos) << depth;
    EXPECT_NE(Fault(Nested(depth, "- ", "")).find("nested deeper"), std::string::npos) << depth;
    EXPECT_NE(Fault(Nested(depth, "{\"a\":", "}")).find("nested deeper"), std::string::npos);
  }
}

TEST(ParseManifests, NestingThroughAliasesHasTheSameLimit) {
  const std::string half = Nested(k8s::kMaxManifestDepth / 2 + 1, "[", "]");
  std::string text = "a: &a " + half + "\nb: " + half + "\n";
  text.replace(text.rfind('x'), 1, "*a ");
  EXPECT_NE(Fault(text).find("nested deeper"), std::string::npos);
}

TEST(ParseManifests, TextBeyondTheLimitIsRefused) {
  const std::string text(k8s::kMaxManifestBytes + 1, '#');
  EXPECT_EQ(Fault(text), "in.yaml: larger than 8 MiB; divide it into several files");
}

TEST(ParseManifests, ManyKeysTakeLinearTime) {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(Parsed(text)[0].value.size(), 50000U);
}

}  // namespace
}  // namespace injector::test
