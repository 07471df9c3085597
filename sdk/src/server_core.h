#pragma once
// What every call of one socket shares.

#include <grpcpp/completion_queue.h>
#include <grpcpp/server_context.h>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "dapr_component_sdk/host.h"
#include "metrics.h"

namespace dapr::component {

// The runtime's gRPC library receives at most this much per message.
inline constexpr std::size_t kMaxResponseBytes = std::size_t{4} * 1024 * 1024;

class ServerCore {
 public:
  ServerCore(std::string name, LogSink log) : metrics(name), name_(name), log_(std::move(log)) {}

  void Log(LogLevel level, const std::string& text) const { log_(level, name_ + ": " + text); }

  // Calls that exist, waiting ones included: the queue may be shut down when there are none.
  void CallBegins() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++calls_;
  }
  void CallEnds() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--calls_ == 0) none_.notify_all();
  }
  void WaitForCalls() {
    std::unique_lock<std::mutex> lock(mutex_);
    none_.wait(lock, [this] { return calls_ == 0; });
  }

  grpc::ServerCompletionQueue* queue = nullptr;  // set before the first call
  Metrics metrics;

 private:
  const std::string name_;
  const LogSink log_;
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t calls_ = 0;  // guarded by mutex_
};

// The instance that a call is for; empty when the caller named none.
[[nodiscard]] std::string InstanceOf(const grpc::ServerContext& context);

// Runs `handler`, a function that returns a Result; an exception becomes kInternal.
template <typename Handler>
auto Guarded(const Handler& handler) -> decltype(handler()) {
  try {
    return handler();
  } catch (const std::exception& fault) {
    return Fail(ErrorKind::kInternal, std::string("the component threw: ") + fault.what());
  } catch (...) {
    return Fail(ErrorKind::kInternal, "the component threw an unknown exception");
  }
}

}  // namespace dapr::component
