#pragma once

// What a server says about requests that it refuses by itself, which no handler sees.

#include <cstdint>
#include <string_view>

namespace injector::webhook {

// Threads: safe.
class RefusalObserver {
 public:
  virtual ~RefusalObserver() = default;

  virtual void Refused(int http_status) = 0;
  // The first 503, and what its client was told; then, some seconds after the last one, how many
  // there were.
  virtual void OverloadBegan(std::string_view why) = 0;
  virtual void OverloadEnded(std::uint64_t refused) = 0;
};

}  // namespace injector::webhook
