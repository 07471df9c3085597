#pragma once

// What an untagged or tagged YAML scalar means to Kubernetes.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace injector::k8s {

// The JSON value of a scalar.
// In: `tag` is "?" for a plain scalar without tag, "!" for a quoted one, else the full tag;
// `text` is the scalar's content.
// Out: whole floating-point numbers within 64 bits come out as integers, as Go's encoder writes
// them. Tags that are not YAML's own are ignored, the scalar is then a string.
// Errors, as a sentence: an integer beyond 64 bits, infinity, not a number, a tag that does not
// fit. Source: gopkg.in/yaml.v2 resolve.go, the reader behind sigs.k8s.io/yaml.
[[nodiscard]] tl::expected<nlohmann::ordered_json, std::string> ResolveScalar(
    std::string_view tag, const std::string& text);

// A scalar as the key of a JSON object.
// Errors, as a sentence: null, and whatever ResolveScalar refuses.
// Source: sigs.k8s.io/yaml convertToJSONableObject.
[[nodiscard]] tl::expected<std::string, std::string> ResolveKey(std::string_view tag,
                                                                const std::string& text);

// The words that YAML 1.1 reads as a boolean, null, infinity, not a number or merge key.
[[nodiscard]] bool IsReservedWord(std::string_view text);

}  // namespace injector::k8s
