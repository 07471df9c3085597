// The annotations of a pod, as a JSON object of texts; any other text stands for the value of
// dapr.io/env, whose list is also taken apart by a second reader.

#include <algorithm>
#include <cstdint>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patch/annotation_values.h"
#include "tests/fuzz/demand.h"
#include "tests/fuzz/fuzzed_webhook.h"
#include "tests/fuzz/json_mutator.h"

INJECTOR_FUZZ_JSON

namespace injector::test {
namespace {

using nlohmann::json;

std::string Trimmed(const std::string& text) {
  constexpr const char* kBlank = " \t\n\v\f\r";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// Dapr's rule, with its own regular expression.
std::vector<std::pair<std::string, std::string>> EnvByRegex(const std::string& text) {
  static const std::regex kSeparator(",[\t\n\f\r ]*[a-zA-Z_][a-zA-Z0-9_]*=");
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), kSeparator), end; at != end; ++at) {
    const auto comma = static_cast<std::size_t>(at->position());
    parts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  parts.push_back(text.substr(begin));
  std::vector<std::pair<std::string, std::string>> list;
  for (const std::string& part : parts) {
    const std::string trimmed = Trimmed(part);
    const auto equals = trimmed.find('=');
    if (equals == std::string::npos) continue;
    list.emplace_back(trimmed.substr(0, equals), trimmed.substr(equals + 1));
  }
  return list;
}

void CheckEnvList(const std::string& text) {
  constexpr std::size_t kMostForRegex = 300;  // std::regex recurses for each character
  const auto list = patch::ParseEnvList(text);
  if (text.size() > kMostForRegex) return;
  const auto expected = EnvByRegex(text);
  Demand(list.size() == expected.size(), "the env list has as many entries", text);
  for (std::size_t i = 0; i < list.size(); ++i) {
    Demand(list[i].name == expected[i].first && list[i].value == expected[i].second,
           "the env list has the same entries", text);
  }
}

// True when Kubernetes would have let it in.
bool IsAnnotations(const json& value) {
  return value.is_object() &&
         std::all_of(value.begin(), value.end(), [](const json& text) { return text.is_string(); });
}

json PodWith(json annotations) {
  json pod = json::parse(R"({
    "metadata": {"generateName": "orders-"},
    "spec": {
      "volumes": [{"name": "vol", "emptyDir": {}}, {"name": "b", "emptyDir": {}}],
      "initContainers": [{"name": "first", "image": "r/first:1"}],
      "containers": [{"name": "a", "image": "r/a:1"},
                     {"name": "b", "image": "r/b:1", "env": [{"name": "A", "value": "1"}],
                      "volumeMounts": [{"name": "vol", "mountPath": "/vol"}]}]}})");
  annotations.emplace("dapr.io/enabled", "true");
  annotations.emplace("dapr.io/app-id", "orders");
  pod["metadata"]["annotations"] = std::move(annotations);
  return pod;
}

FuzzedCluster ClusterOf(std::size_t settings) {
  static const json kComponents = json::parse(R"([
    {"metadata": {"name": "store", "namespace": "shop", "annotations": {
       "dapr.io/component-container": "{\"image\": \"r/store:1\", \"name\": \"store\"}"}},
     "spec": {"type": "state.store", "version": "v1"}},
    {"metadata": {"name": "topic", "namespace": "shop", "annotations": {
       "dapr.io/component-container": "{\"image\": \"r/topic:1\"}",
       "component-injector.dapr.io/placement": "container"}},
     "spec": {"type": "pubsub.topic", "version": "v1"}, "scopes": ["orders"]}])");
  return {.components = kComponents, .settings = settings};
}

void Check(std::string_view text) {
  json annotations = ParseForFuzzing(text).value_or(nullptr);
  if (!IsAnnotations(annotations)) annotations = {{"dapr.io/env", text}};
  for (const auto& [key, value] : annotations.items()) {
    if (key.starts_with("dapr.io/env")) CheckEnvList(value.get<std::string>());
  }
  const json review = ReviewOf(PodWith(std::move(annotations)));
  std::string body;
  try {
    body = review.dump();
  } catch (const json::exception&) {
    return;  // no UTF-8: no API server has such an annotation
  }
  CheckMutation(body, review, ClusterOf(text.size()));
}

}  // namespace
}  // namespace injector::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  injector::test::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
