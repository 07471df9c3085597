#pragma once

// The time that passes, as a parameter: tests set it.

#include <chrono>
#include <functional>

namespace injector::webhook {

using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

}  // namespace injector::webhook
