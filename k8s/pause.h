#pragma once

#include <chrono>
#include <stop_token>

namespace injector::k8s {

// Blocks for the time, or until it is asked to stop.
void Pause(std::chrono::milliseconds time, const std::stop_token& stop);

}  // namespace injector::k8s
