#pragma once
// The server behind one socket: every kind registered under one name.

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "completion_loop.h"
#include "dapr_component_sdk/host.h"
#include "instances.h"
#include "listener.h"
#include "server_core.h"
#include "service.h"

namespace dapr::component {

class SocketServer {
 public:
  // `components` have no kind in common.
  SocketServer(std::string name, std::string path, const HostOptions& options, LogSink log,
               std::vector<ComponentClass> components);
  ~SocketServer();  // as Shutdown without grace

  // Binds, serves, and only then puts the socket where the runtime finds it.
  [[nodiscard]] Result<void> Start();

  // Stopping, in this order. Removes the socket and stops deliveries; acks still arrive.
  void BeginStop();
  // Whether no delivered message waits for its outcome.
  [[nodiscard]] bool Drained();
  // Ends streams, gives running calls until the deadline, blocks until their handlers returned.
  void Shutdown(std::chrono::system_clock::time_point deadline);

  void AppendMetrics(std::string* out) const { core_->metrics.AppendText(out); }

 private:
  void MakeServices(const std::vector<ComponentClass>& components);
  [[nodiscard]] Result<void> StartGrpc();

  const std::string path_;
  const HostOptions options_;
  const std::shared_ptr<ServerCore> core_;
  std::vector<InstancesPtr> instances_;
  std::vector<std::unique_ptr<KindService>> services_;
  std::vector<std::string> names_;
  grpc::AsyncGenericService generic_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<CompletionLoop> loop_;
};

}  // namespace dapr::component
