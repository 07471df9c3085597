#pragma once
// A minimal HTTP server for one page: the metrics. One connection at a time, each with small
// limits, so that it can neither grow nor hang.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "dapr_component_sdk/error.h"

namespace dapr::component {

class MetricsListener {
 public:
  // In: port 0 takes a free one.
  // Errors: the address cannot be used; the message says why.
  [[nodiscard]] static Result<std::unique_ptr<MetricsListener>> Start(
      const std::string& address, std::uint16_t port, std::function<std::string()> page);
  ~MetricsListener();
  MetricsListener(const MetricsListener&) = delete;
  MetricsListener& operator=(const MetricsListener&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  MetricsListener(int socket, int wake, std::function<std::string()> page);
  void Loop() const;
  void Answer(int connection) const;

  const int socket_;
  const int wake_;
  const std::function<std::string()> page_;
  std::thread thread_;
};

}  // namespace dapr::component
