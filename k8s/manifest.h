#pragma once

// Manifest files: YAML or JSON, many documents each, read as `kubectl apply` reads them, with the
// place of each document so that a caller can replace one and leave the rest of the file alone.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/text_fault.h"

namespace injector::k8s {

// A file beyond this is refused unread; CRD bundles, the largest manifests about, stay below 4 MiB.
inline constexpr std::size_t kMaxManifestBytes = std::size_t{8} << 20;

// Objects and arrays inside one another; yaml-cpp itself stops there.
inline constexpr std::size_t kMaxManifestDepth = 498;

// What aliases and merge keys may add to the documents of one file, in bytes of text plus 64 for
// each value.
inline constexpr std::size_t kMaxAliasBytes = std::size_t{16} << 20;

enum class Syntax { kYaml, kJson };

struct Manifest {
  nlohmann::ordered_json value;  // members in the order of the text
  Syntax syntax = Syntax::kYaml;
  // The bytes of the text that hold it, without separator lines and without the comments before
  // and after it. `begin` is at a line's start unless something stands before it on that line.
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t line = 0;  // of `begin`, from 1
};

// The documents of `text`, in order; those with nothing but comments are left out.
// In: `file` is the name to use in faults. A byte order mark is skipped.
// Out: scalars as Kubernetes reads them (YAML 1.1 without base 60: 0644 is 420, yes is true);
// keys that are no strings as it writes them; aliases and merge keys resolved.
// Errors: the first fault, with line and column: no YAML, invalid UTF-8, control characters,
// repeated keys, integers beyond 64 bits, not a number or infinity, nesting deeper than
// kMaxManifestDepth, aliases beyond kMaxAliasBytes, a text beyond kMaxManifestBytes.
// Threads: safe.
// Source: sigs.k8s.io/yaml YAMLToJSONStrict; k8s.io/apimachinery/pkg/util/yaml.
[[nodiscard]] TextResult<std::vector<Manifest>> ParseManifests(std::string_view text,
                                                               const std::string& file);

}  // namespace injector::k8s
