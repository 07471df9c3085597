#pragma once
// The process of a component: sockets, calls, signals. In main(): make a Host, Register each
// component, return Run().

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dapr_component_sdk/component_class.h"
#include "dapr_component_sdk/error.h"

namespace dapr::component {

enum class LogLevel { kInfo, kWarning, kError };
// Called from any thread.
using LogSink = std::function<void(LogLevel, std::string_view)>;

struct HostOptions {
  // Folder of the sockets. Empty: DAPR_COMPONENTS_SOCKETS_FOLDER, DAPR_COMPONENT_SOCKETS_FOLDER,
  // DAPR_COMPONENT_SOCKET_FOLDER, /tmp/dapr-components-sockets. Made when missing.
  std::string folder = {};
  // With or without the dot; may be empty. Absent: DAPR_COMPONENTS_SOCKETS_EXTENSION, "sock".
  std::optional<std::string> extension = {};
  mode_t socket_mode = 0666;               // the runtime usually is another user
  std::optional<gid_t> socket_group = {};  // absent: that of the process
  std::chrono::milliseconds grace{10000};  // for what runs when a signal says stop
  std::size_t max_instances = 1000;        // per registered component
  std::size_t max_threads = 64;            // for handlers that block
  // Run() bounds glibc's malloc arenas to this; 0 leaves them alone. Each thread of gRPC and each
  // handler thread would bring one, and they never shrink.
  int malloc_arenas = 2;
  int max_request_bytes = 64 * 1024 * 1024;  // larger ones are refused: RESOURCE_EXHAUSTED
  std::uint16_t metrics_port = 0;            // 0: off; else HTTP GET on metrics_address
  std::string metrics_address = "0.0.0.0";
  LogSink log = {};  // empty: one line per event on standard error
};

class Host {
 public:
  explicit Host(HostOptions options = {});
  ~Host();  // as Stop()
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Serves what `factory` makes on the socket `<name>.sock`. The factory takes nothing or the
  // instance's name and returns a unique_ptr to the component's own class. It is called on the
  // first use of an instance, from any thread. Several kinds may share a name, each once.
  // Call it before Start.
  template <typename Factory>
  void Register(const std::string& name, Factory factory) {
    Add(name, DescribeComponent(std::move(factory)));
  }

  // As above, for a class that is made without arguments.
  template <typename Component>
  void Register(const std::string& name) {
    Register(name, [] { return std::make_unique<Component>(); });
  }

  // Opens the sockets and serves on threads of its own.
  // Errors: one sentence that names the socket or folder and what to do; nothing is left open.
  [[nodiscard]] Result<void> Start();
  // Refuses new connections, finishes what runs within the grace time, removes the sockets.
  void Stop();
  // Start, wait for SIGTERM or SIGINT, Stop. Out: the exit code, 0, or 1 after a failed start.
  [[nodiscard]] int Run();

  // The counters of all sockets in Prometheus' text format.
  [[nodiscard]] std::string MetricsText() const;

 private:
  struct State;
  void Add(const std::string& name, ComponentClass component);

  std::unique_ptr<State> state_;
};

}  // namespace dapr::component
