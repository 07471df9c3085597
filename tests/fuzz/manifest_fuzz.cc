// Manifest files: read, written as YAML, read again; and as the resources that `serve` and the
// offline commands take from them.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "k8s/manifest.h"
#include "k8s/yaml_writer.h"
#include "tests/fuzz/demand.h"
#include "webhook/resource_set.h"

namespace injector::test {
namespace {

using nlohmann::ordered_json;

// What the one document in `text` holds.
ordered_json ReadBack(const std::string& text) {
  const auto manifests = k8s::ParseManifests(text, "again.yaml");
  Demand(manifests.has_value(), "what we wrote can be read", text);
  Demand(manifests->size() == 1, "and is one document", text);
  return manifests->front().value;
}

void CheckPlaces(const std::vector<k8s::Manifest>& manifests, std::string_view text) {
  std::size_t end = 0;
  for (const k8s::Manifest& manifest : manifests) {
    Demand(manifest.begin >= end && manifest.begin < manifest.end && manifest.end <= text.size(),
           "documents are behind each other and in the text");
    Demand(manifest.line >= 1, "lines count from 1");
    end = manifest.end;
  }
}

void CheckResources(std::string_view text, bool is_manifest) {
  webhook::ResourceCollector collector;
  collector.AddText("fuzzed.yaml", text);
  Demand(is_manifest || collector.HasFault(), "what is no manifest is a fault");
  const auto resources = collector.Finish();
  Demand(resources || !resources.error().message.empty(), "a fault has a sentence");
  if (!resources) return;
  const auto list = (*resources)->ComponentsOf("shop");
  for (std::size_t i = 0; i < list->size(); ++i) {
    Demand(!(*list)[i]->name.empty(), "a Component has a name");
    Demand(i == 0 || (*list)[i - 1]->name < (*list)[i]->name, "Components are by name, once");
  }
}

void Check(std::string_view text) {
  const auto manifests = k8s::ParseManifests(text, "fuzzed.yaml");
  CheckResources(text, manifests.has_value());
  if (!manifests) {
    Demand(!manifests.error().message.empty(), "a fault has a sentence");
    return;
  }
  CheckPlaces(*manifests, text);
  for (const k8s::Manifest& manifest : *manifests) {
    const ordered_json& value = manifest.value;
    const std::string yaml = k8s::WriteYaml(value);
    Demand(ReadBack(yaml) == value, "YAML that we wrote holds the same value", yaml);
    if (value.is_structured()) {
      Demand(ReadBack(value.dump()) == value, "so does JSON", value.dump());
    }
  }
}

}  // namespace
}  // namespace injector::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  injector::test::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
