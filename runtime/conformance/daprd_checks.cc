#include <thread>

#include "runtime/conformance/check.h"

namespace injector::runtime {
namespace {

Finding Connect(const ConformanceOptions& options) {
  const SocketReport& socket = options.socket;
  if (socket.verdict == Verdict::kClosed || socket.verdict == Verdict::kDenied)
    return Broken(socket.detail + "; daprd hangs on it");
  return Pass();
}

Finding Reflection(const ConformanceOptions& options) {
  const SocketReport& socket = options.socket;
  if (socket.reflection != "v1alpha")
    return Broken(socket.detail + "; daprd gives up its search and registers nothing");
  return Pass();
}

Finding InTime(const ConformanceOptions& options) {
  constexpr std::chrono::seconds kMost(5);
  if (options.socket.took > kMost)
    return Broken("listing its services took " +
                  std::to_string(options.socket.took.count() / 1000) + " ms");
  return Pass();
}

Finding Init(const ConformanceOptions& options) {
  Instance instance(InstanceOf(options, "init"));
  const auto session = instance.Use();
  return session ? Pass() : Broken(session.error().message);
}

// daprd may restart while the component lives.
Finding InitAgain(const ConformanceOptions& options) {
  for (int i = 0; i < 2; ++i) {
    Instance instance(InstanceOf(options, "again"));
    const auto session = instance.Use();
    if (!session) return Broken((i == 0 ? "first: " : "second: ") + session.error().message);
  }
  return Pass();
}

Finding NoInstance(const ConformanceOptions& options) {
  InstanceSpec spec = options.target;
  spec.name = "";
  Instance instance(spec);
  const auto session = instance.Use();
  return session ? Pass() : Broken(session.error().message);
}

Finding ManyConnections(const ConformanceOptions& options) {
  constexpr int kInstances = 16;
  std::vector<std::string> faults(kInstances);
  std::vector<std::thread> threads;
  for (int i = 0; i < kInstances; ++i)
    threads.emplace_back([&options, &faults, i] {
      Instance instance(InstanceOf(options, "many-" + std::to_string(i % 4)));
      const auto session = instance.Use();
      if (!session) faults[static_cast<std::size_t>(i)] = session.error().message;
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& fault : faults)
    if (!fault.empty()) return Broken(fault);
  return Pass();
}

}  // namespace

std::vector<Check> DaprdChecks() {
  return {
      {"daprd/connect", "daprd's user may connect to the socket", Connect},
      {"daprd/reflection", "the services are listed by reflection v1alpha", Reflection},
      {"daprd/in-time", "the services are listed within 5 s", InTime},
      {"daprd/init", "Init, and what is asked after it, answer within the init timeout", Init},
      {"daprd/init-again", "a second Init of the same instance succeeds", InitAgain},
      {"daprd/no-instance", "calls that name no instance are served", NoInstance},
      {"daprd/connections", "many connections and instances are started at once", ManyConnections},
  };
}

}  // namespace injector::runtime
