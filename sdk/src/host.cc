#include "dapr_component_sdk/host.h"

#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "metrics_listener.h"
#include "socket_path.h"
#include "socket_server.h"

namespace dapr::component {
namespace {

using std::chrono::system_clock;

// Handlers that still run this long after the grace time are given up with the process.
constexpr std::chrono::seconds kLastPatience{1};

// eventfd that the signal handler writes to: what a handler may do safely.
volatile int signal_wake = -1;

void OnSignal(int /*number*/) {
  const std::uint64_t one = 1;
  const ssize_t ignored = ::write(signal_wake, &one, sizeof(one));
  static_cast<void>(ignored);
}

void LogToStandardError(LogLevel level, std::string_view text) {
  static constexpr const char* kNames[] = {"info", "warning", "error"};
  std::fprintf(stderr, "%s: %.*s\n", kNames[static_cast<int>(level)], static_cast<int>(text.size()),
               text.data());
}

const char* FromEnvironment(const char* name) {
  return std::getenv(name);
}

// The kinds of the class, as bits.
unsigned KindsOf(const ComponentClass& component) {
  return (component.state ? 1U : 0U) | (component.pubsub ? 2U : 0U) | (component.input ? 4U : 0U) |
         (component.output ? 8U : 0U) | (component.secrets ? 16U : 0U);
}

}  // namespace

struct Host::State {
  HostOptions options;
  std::map<std::string, std::vector<ComponentClass>> registered;
  std::vector<std::unique_ptr<SocketServer>> servers;
  std::unique_ptr<MetricsListener> metrics;
};

Host::Host(HostOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  if (!state_->options.log) state_->options.log = LogToStandardError;
}

Host::~Host() {
  Stop();
}

void Host::Add(const std::string& name, ComponentClass component) {
  state_->registered[name].push_back(std::move(component));
}

Result<void> Host::Start() {
  const HostOptions& options = state_->options;
  if (state_->registered.empty())
    return Fail(ErrorKind::kFailedPrecondition, "no component is registered; call Register first");
  Result<std::string> folder = ResolveSocketFolder(options.folder, FromEnvironment);
  if (!folder) return tl::unexpected(folder.error());
  for (const auto& [name, components] : state_->registered) {
    unsigned kinds = 0;
    for (const ComponentClass& component : components) {
      if ((kinds & KindsOf(component)) != 0)
        return Fail(ErrorKind::kInvalidArgument, "component \"" + name +
                                                     "\" has two classes of the same kind; give "
                                                     "each a name of its own");
      kinds |= KindsOf(component);
    }
    Result<std::string> path = BuildSocketPath(*folder, name, options.extension, FromEnvironment);
    if (!path) return tl::unexpected(path.error());
    state_->servers.push_back(
        std::make_unique<SocketServer>(name, *path, options, options.log, components));
  }
  Result<void> started;
  if (options.metrics_port != 0) {
    auto metrics = MetricsListener::Start(options.metrics_address, options.metrics_port,
                                          [this] { return MetricsText(); });
    if (metrics)
      state_->metrics = std::move(*metrics);
    else
      started = tl::unexpected(metrics.error());
  }
  for (const auto& server : state_->servers)
    if (started) started = server->Start();
  if (!started) {
    const Error error = started.error();
    Stop();
    return tl::unexpected(error);
  }
  for (const auto& [name, components] : state_->registered)
    options.log(LogLevel::kInfo, name + ": serving in " + *folder);
  return {};
}

void Host::Stop() {
  const system_clock::time_point deadline = system_clock::now() + state_->options.grace;
  for (const auto& server : state_->servers) server->BeginStop();
  const auto drained = [this] {
    for (const auto& server : state_->servers)
      if (!server->Drained()) return false;
    return true;
  };
  while (!drained() && system_clock::now() < deadline) ::poll(nullptr, 0, 5);
  std::vector<std::thread> stopping;
  for (const auto& server : state_->servers)
    stopping.emplace_back([&server, deadline] { server->Shutdown(deadline); });
  for (std::thread& thread : stopping) thread.join();
  state_->metrics.reset();
  state_->servers.clear();
}

int Host::Run() {
#ifdef M_ARENA_MAX  // glibc
  if (state_->options.malloc_arenas > 0) ::mallopt(M_ARENA_MAX, state_->options.malloc_arenas);
#endif
  signal_wake = ::eventfd(0, EFD_CLOEXEC);
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  const Result<void> started = Start();
  if (!started) {
    state_->options.log(LogLevel::kError, started.error().message);
    return 1;
  }
  pollfd wait{signal_wake, POLLIN, 0};
  while (::poll(&wait, 1, -1) < 0) continue;
  state_->options.log(LogLevel::kInfo, "stopping");
  // A handler that never returns must not keep the process: the sockets are gone by then.
  std::thread([patience = state_->options.grace + kLastPatience, log = state_->options.log] {
    std::this_thread::sleep_for(patience);
    log(LogLevel::kWarning, "handlers still run after the grace time; leaving them");
    std::_Exit(0);
  }).detach();
  Stop();
  return 0;
}

std::string Host::MetricsText() const {
  std::string text = MetricsHeader();
  for (const auto& server : state_->servers) server->AppendMetrics(&text);
  return text;
}

}  // namespace dapr::component
