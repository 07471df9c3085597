#pragma once
// Waiting in tests: for what has to come, and not longer than that.

#include <chrono>
#include <functional>
#include <thread>

namespace injector::test {

// Whether `condition` became true within 30 seconds; asked every 2 ms.
inline bool WaitFor(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace injector::test
