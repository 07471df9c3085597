#pragma once

// One object to one manifest, for every source of manifests.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "runtime/manifest.h"

namespace injector::runtime {

// Adds `object` to the set as a manifest, or as a fault that says why it is none; objects of other
// kinds and versions are passed over.
void TakeObject(const nlohmann::ordered_json& object, const std::string& file, std::size_t line,
                ManifestSet& set);

}  // namespace injector::runtime
