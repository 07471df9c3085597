#pragma once

// JSON inside a manifest file: values one behind the other, as `kubectl` takes them.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "k8s/manifest_text.h"

namespace injector::k8s {

// The length of the JSON object or array that `text` begins with, by its brackets alone; 0 when
// they do not close.
[[nodiscard]] std::size_t JsonLength(std::string_view text);

// Parses exactly one JSON value.
// Errors, with the offset: what RFC 8259 does not allow, repeated keys, integers beyond 64 bits,
// nesting deeper than kMaxManifestDepth.
[[nodiscard]] tl::expected<nlohmann::ordered_json, ByteFault> ParseJsonText(std::string_view text);

}  // namespace injector::k8s
