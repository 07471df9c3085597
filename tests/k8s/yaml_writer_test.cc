#include "k8s/yaml_writer.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "k8s/manifest.h"

namespace injector::test {
namespace {

using k8s::WriteYaml;
using Json = nlohmann::ordered_json;

TEST(WriteYaml, LaysOutAsKubectlDoes) {
  const Json value = Json::parse(R"({"kind": "Pod", "spec": {"containers": [
      {"name": "app", "args": ["--x", "y"], "resources": {}}], "volumes": []}, "n": null})");
  EXPECT_EQ(WriteYaml(value), R"(kind: Pod
spec:
  containers:
  - name: app
    args:
    - --x
    - "y"
    resources: {}
  volumes: []
"n": null
)");
}

TEST(WriteYaml, ListsInsideListsAreIndented) {
  EXPECT_EQ(WriteYaml(Json::parse(R"([[1, [2]], {"a": [3]}])")), R"(- - 1
  - - 2
- a:
  - 3
)");
}

TEST(WriteYaml, TextOfSeveralLinesIsALiteralBlock) {
  EXPECT_EQ(WriteYaml(Json::parse(R"({"a": "x: 1\n\n  y\n", "b": ["p\nq"]})")), R"(a: |
  x: 1

    y
b:
- |-
  p
  q
)");
}

TEST(WriteYaml, ScalarsAndEmptyContainersStandAlone) {
  EXPECT_EQ(WriteYaml(Json(nullptr)), "null\n");
  EXPECT_EQ(WriteYaml(Json::object()), "{}\n");
  EXPECT_EQ(WriteYaml(Json("a\nb")), "|-\n  a\n  b\n");
}

TEST(WriteYaml, JsonInsideIsReadable) {
  EXPECT_EQ(WriteYaml(Json(R"({"a":"b"})")), "'{\"a\":\"b\"}'\n");
  EXPECT_EQ(WriteYaml(Json(R"({"a":"it's"})")), "\"{\\\"a\\\":\\\"it's\\\"}\"\n");
}

TEST(WriteYaml, WhatCanOnlyBeAStringIsPlain) {
  for (const char* text : {"apps/v1", "ghcr.io/dapr/daprd:1.18.0", "100m", "64Mi", "10s", "/tmp/x",
                           "a b", "--log-level=info", "a, b", "metadata.name", "A=b"}) {
    EXPECT_EQ(WriteYaml(Json(text)), std::string(text) + "\n");
  }
}

// Strings that some reader takes for something else, or cuts short.
const std::vector<std::string> kHostile = {"",
                                           "true",
                                           "yes",
                                           "On",
                                           "n",
                                           "Y",
                                           "null",
                                           "NULL",
                                           "nULL",
                                           "~",
                                           "8080",
                                           "0644",
                                           "0o17",
                                           "0x1F",
                                           "0b1",
                                           "1e3",
                                           "1E3",
                                           "1_000",
                                           "+1",
                                           "-1",
                                           ".5",
                                           "5.",
                                           "1.5",
                                           ".inf",
                                           "-.INF",
                                           ".nan",
                                           "+.inf",
                                           "1:30",
                                           "190:20:30.15",
                                           "2001-01-01",
                                           "2001-12-14t21:59:43.10-05:00",
                                           "=",
                                           "<<",
                                           "-",
                                           "--",
                                           "--1",
                                           "--a",
                                           "--a: b",
                                           "---a",
                                           "--a #b",
                                           "-a",
                                           "---",
                                           "...",
                                           "?",
                                           ":",
                                           "a:",
                                           "a: b",
                                           "a #b",
                                           "#",
                                           " a",
                                           "a ",
                                           "\ta",
                                           "a\t",
                                           "- a",
                                           "? a",
                                           "*a",
                                           "&a",
                                           "!a",
                                           "%a",
                                           "@a",
                                           "`a",
                                           "'a",
                                           "\"a",
                                           "[a",
                                           "{a",
                                           "|",
                                           ">",
                                           ",a",
                                           "a\nb",
                                           "a\n",
                                           "\na",
                                           "\n",
                                           "a\n\n",
                                           "a\n \nb",
                                           " a\nb",
                                           "a \nb",
                                           "a\r\nb",
                                           "a\rb",
                                           "a\tb\nc",
                                           "#a\nb",
                                           "---\na",
                                           "a\n---\nb",
                                           "\xC2\x85",
                                           "a\xE2\x80\xA8"
                                           "b\nc",
                                           "a\xE2\x80\xA9"
                                           "b",
                                           "\xEF\xBB\xBF"
                                           "a",
                                           "\xF0\x9F\x98\x80",
                                           "\xC3\xA9",
                                           "\xC3\xA9\nx",
                                           "\xC2\xA0",
                                           "\x7F",
                                           "\x01",
                                           "\\",
                                           "\\n",
                                           "a\\\nb",
                                           "infinity",
                                           "NaN",
                                           "0",
                                           "00",
                                           "08",
                                           "1e",
                                           "e1",
                                           "12e03",
                                           "1.",
                                           "0.",
                                           "1__0",
                                           "_",
                                           "_1",
                                           "1Ki",
                                           "0m",
                                           "1h1",
                                           "1h",
                                           "{}",
                                           "{\"a\":\"b\"}",
                                           " \"a\" ",
                                           "a\\b\"",
                                           "\"it's\"",
                                           "\"a\nb\"",
                                           "[]",
                                           "{{ x }}",
                                           "y ",
                                           "a: |",
                                           "a'b",
                                           "a\"b",
                                           "C:\\x",
                                           "10.0.0.1",
                                           "v1",
                                           "1.18.0",
                                           "\v",
                                           "\xED\x9F\xBF",
                                           "\xEF\xBF\xBD"};

std::string RandomText(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"a",
                                                   "b",
                                                   "Z",
                                                   "0",
                                                   "1",
                                                   "9",
                                                   " ",
                                                   "  ",
                                                   "\n",
                                                   "\n\n",
                                                   "\t",
                                                   ":",
                                                   ": ",
                                                   "#",
                                                   " #",
                                                   "-",
                                                   "- ",
                                                   "?",
                                                   ",",
                                                   "[",
                                                   "]",
                                                   "{",
                                                   "}",
                                                   "&",
                                                   "*",
                                                   "!",
                                                   "|",
                                                   ">",
                                                   "'",
                                                   "\"",
                                                   "%",
                                                   "@",
                                                   "`",
                                                   "\\",
                                                   "/",
                                                   ".",
                                                   "_",
                                                   "=",
                                                   "e",
                                                   "x",
                                                   "true",
                                                   "null",
                                                   "\r",
                                                   "\xC3\xA9",
                                                   "\xE2\x80\xA8",
                                                   "\xC2\x85",
                                                   "\xF0\x9F\x98\x80",
                                                   "\x01",
                                                   "\x7F",
                                                   "---",
                                                   "...",
                                                   "\xEF\xBB\xBF"};
  std::uniform_int_distribution<std::size_t> piece(0, kPieces.size() - 1);
  std::uniform_int_distribution<int> length(0, 7);
  std::string text;
  for (int left = length(random); left > 0; --left) text += kPieces[piece(random)];
  return text;
}

Json RandomValue(std::mt19937& random, int depth) {
  std::uniform_int_distribution<int> kind(0, depth > 0 ? 8 : 5);
  std::uniform_int_distribution<int> size(0, 4);
  std::uniform_int_distribution<std::int64_t> integer;
  switch (kind(random)) {
    case 0:
      return integer(random);
    case 1:
      return static_cast<double>(integer(random)) / 1e7;
    case 2:
      return integer(random) % 2 == 0 ? Json(true) : Json(nullptr);
    case 3:
    case 4:
    case 5:
      return RandomText(random);
    case 6: {
      Json list = Json::array();
      for (int left = size(random); left > 0; --left)
        list.push_back(RandomValue(random, depth - 1));
      return list;
    }
    default: {
      Json map = Json::object();
      for (int left = size(random); left > 0; --left) {
        map[RandomText(random)] = RandomValue(random, depth - 1);
      }
      return map;
    }
  }
}

std::vector<Json> Samples() {
  std::vector<Json> samples = {Json(kHostile)};
  Json keys = Json::object();
  for (const std::string& text : kHostile) {
    samples.emplace_back(text);
    keys[text] = Json::array({text, Json::object({{text, text}})});
  }
  keys[std::string(2000, 'k')] = Json::array({"a", "b"});
  keys[std::string(3000, 'k')] = Json::object({{"a", "b"}});
  keys[std::string(4000, 'k')] = std::string(5000, ' ');
  samples.push_back(keys);
  samples.push_back(Json::array({1e20, 1e-7, 1.5, 1e300, -0.5, 18446744073709551615U, 100.25}));
  std::mt19937 random(20240611);
  for (int i = 0; i < 2000; ++i) samples.push_back(RandomValue(random, 4));
  return samples;
}

TEST(WriteYaml, OurReaderGetsTheSameJsonBack) {
  for (const Json& sample : Samples()) {
    const std::string text = WriteYaml(sample);
    const auto manifests = k8s::ParseManifests(text, "sample");
    ASSERT_TRUE(manifests) << manifests.error().Text() << "\n" << text;
    ASSERT_EQ(manifests->size(), 1U) << text;
    ASSERT_EQ((*manifests)[0].value, sample) << text;
  }
}

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "yaml-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(WriteYaml, IndependentReadersGetTheSameJson) {
  const TempFolder folder;
  std::size_t number = 0;
  for (const Json& sample : Samples()) {
    const std::string name = std::to_string(number++);
    std::ofstream(folder.path() / (name + ".json")) << sample.dump();
    std::ofstream(folder.path() / (name + ".yaml")) << WriteYaml(sample);
  }
  const std::string command =
      std::string(PYTHON) + " " + YAML_READERS + " " + folder.path().string() + " 1>&2";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "python3-yaml or python3-ruamel.yaml is missing";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace injector::test
