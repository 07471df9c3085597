#pragma once

#include <string_view>

namespace injector::webhook {

// The version of this program, as in CMakeLists.txt: "0.1.0".
[[nodiscard]] std::string_view Version();

}  // namespace injector::webhook
