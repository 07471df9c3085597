#pragma once

// One YAML document to JSON: the only user of yaml-cpp.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "k8s/text_fault.h"

namespace injector::k8s {

struct YamlFault {
  TextPosition at;  // inside the text given
  std::string message;
};

// The value of the one document in `text`, as ParseManifests (manifest.h) describes it.
// In: UTF-8 without forbidden bytes (manifest_text.h); directives and a `---` line may precede the
// document. `alias_budget` is what aliases may still add, in bytes; it shrinks by what they did.
// Errors: no YAML, more than one document, and what ParseManifests lists.
[[nodiscard]] tl::expected<nlohmann::ordered_json, YamlFault> ParseYamlDocument(
    std::string_view text, std::size_t& alias_budget);

}  // namespace injector::k8s
