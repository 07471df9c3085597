#include "metrics.h"

namespace dapr::component {
namespace {

constexpr const char* kCodeNames[17] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

// Socket names are file names: quotes and backslashes must be escaped in a label.
std::string Escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

MethodMetrics* Metrics::Method(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (MethodMetrics& known : methods_)
    if (known.method == name) return &known;
  return &methods_.emplace_back(name);
}

void Metrics::AppendText(std::string* out) const {
  const std::string socket = "{socket=\"" + Escape(socket_) + "\"";
  const auto sample = [&](const std::string& name, const std::string& labels, auto value) {
    *out += "dapr_component_" + name + socket + labels + "} " + std::to_string(value) + "\n";
  };
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const MethodMetrics& method : methods_) {
      for (std::size_t code = 0; code < method.calls.size(); ++code) {
        const std::uint64_t count = method.calls[code].load();
        if (count == 0) continue;
        sample("calls_total", ",method=\"" + method.method + "\",code=\"" + kCodeNames[code] + "\"",
               count);
      }
    }
  }
  sample("messages_delivered_total", "", streams_.delivered.load());
  sample("messages_settled_total", ",outcome=\"processed\"", streams_.processed.load());
  sample("messages_settled_total", ",outcome=\"rejected\"", streams_.rejected.load());
  sample("messages_settled_total", ",outcome=\"lost\"", streams_.lost.load());
  sample("unknown_acks_total", "", streams_.unknown_acks.load());
  sample("messages_in_flight", "", streams_.in_flight.load());
  sample("open_streams", "", streams_.open_streams.load());
}

std::string MetricsHeader() {
  return "# HELP dapr_component_calls_total Finished calls of the runtime.\n"
         "# TYPE dapr_component_calls_total counter\n"
         "# HELP dapr_component_messages_delivered_total Messages handed to the runtime.\n"
         "# TYPE dapr_component_messages_delivered_total counter\n"
         "# HELP dapr_component_messages_settled_total Messages whose outcome is known.\n"
         "# TYPE dapr_component_messages_settled_total counter\n"
         "# HELP dapr_component_unknown_acks_total Acknowledgements of no pending message.\n"
         "# TYPE dapr_component_unknown_acks_total counter\n"
         "# HELP dapr_component_messages_in_flight Messages whose outcome is awaited.\n"
         "# TYPE dapr_component_messages_in_flight gauge\n"
         "# HELP dapr_component_open_streams Open subscriptions and binding streams.\n"
         "# TYPE dapr_component_open_streams gauge\n";
}

}  // namespace dapr::component
