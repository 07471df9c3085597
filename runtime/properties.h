#pragma once

// Names and values: metadata of manifests, calls and messages.

#include <map>
#include <string>

namespace injector::runtime {

using Properties = std::map<std::string, std::string>;

}  // namespace injector::runtime
