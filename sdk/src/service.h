#pragma once
// One kind of component on one socket: its gRPC services and what answers their calls.

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "instances.h"
#include "server_core.h"

namespace dapr::component {

class KindService {
 public:
  virtual ~KindService() = default;
  // What to register with the server, and the full names to list in reflection.
  [[nodiscard]] virtual std::vector<grpc::Service*> Services() = 0;
  [[nodiscard]] virtual std::vector<std::string> Names() const = 0;
  // Begins to await calls; the server must have been started.
  virtual void Serve(const std::shared_ptr<ServerCore>& core) = 0;
};

using InstancesPtr = std::shared_ptr<Instances>;
[[nodiscard]] std::unique_ptr<KindService> MakeStateService(InstancesPtr instances);
[[nodiscard]] std::unique_ptr<KindService> MakePubSubService(InstancesPtr instances);
[[nodiscard]] std::unique_ptr<KindService> MakeInputService(InstancesPtr instances);
[[nodiscard]] std::unique_ptr<KindService> MakeOutputService(InstancesPtr instances);
[[nodiscard]] std::unique_ptr<KindService> MakeSecretService(InstancesPtr instances);

}  // namespace dapr::component
