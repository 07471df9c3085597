#pragma once

// JSON to YAML that every reader takes for the same JSON.

#include <nlohmann/json.hpp>
#include <string>

namespace injector::k8s {

// `value` as YAML in block style, as `kubectl get -o yaml` lays it out, ending in a line feed.
// In: valid UTF-8, finite numbers; members are written in the order that they have.
// Out: a string is plain only when neither YAML 1.1 nor YAML 1.2 can read it as anything else;
// text of several lines is a literal block where that keeps every byte, else quoted.
// Threads: safe.
// Source: YAML 1.2.2 section 7.3, section 8.1; YAML 1.1 types (yaml.org/type).
[[nodiscard]] std::string WriteYaml(const nlohmann::ordered_json& value);

}  // namespace injector::k8s
