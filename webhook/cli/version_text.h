#pragma once

#include <string>

namespace injector::webhook {

// "component-injector 0.1.0", then one line each on what it was built with.
[[nodiscard]] std::string VersionText();

}  // namespace injector::webhook
