#pragma once
// Counters of one socket. Label values come from the code and the registration, never from a
// caller, so their number is bounded. All members are safe from any thread.

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

namespace dapr::component {

struct MethodMetrics {
  explicit MethodMetrics(std::string name) : method(std::move(name)) {}
  const std::string method;                            // e.g. StateStore.Get
  std::array<std::atomic<std::uint64_t>, 17> calls{};  // by gRPC status code
};

struct StreamMetrics {
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> processed{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> lost{0};
  std::atomic<std::uint64_t> unknown_acks{0};
  std::atomic<std::int64_t> in_flight{0};
  std::atomic<std::int64_t> open_streams{0};
};

class Metrics {
 public:
  explicit Metrics(std::string socket) : socket_(std::move(socket)) {}

  // The counters of a method; valid as long as this object.
  MethodMetrics* Method(const std::string& name);
  StreamMetrics& Streams() { return streams_; }

  // Appends this socket's samples in Prometheus' text format, without HELP and TYPE lines.
  void AppendText(std::string* out) const;

 private:
  const std::string socket_;
  StreamMetrics streams_;
  mutable std::mutex mutex_;
  std::deque<MethodMetrics> methods_;  // guarded by mutex_; a deque never moves its elements
};

// The HELP and TYPE lines of all metrics.
[[nodiscard]] std::string MetricsHeader();

}  // namespace dapr::component
