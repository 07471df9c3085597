#pragma once

// Input and output bindings as daprd calls them: two connections and two Inits where one component
// serves both.

#include <memory>
#include <string>
#include <vector>

#include "components_bindings.pb.h"
#include "runtime/instance.h"
#include "runtime/subscription.h"

namespace injector::runtime {

namespace pb = ::dapr::proto::components::v1;

// Errors and threads: as StateStore.
class OutputBinding {
 public:
  explicit OutputBinding(InstanceSpec spec) : instance_(std::move(spec)) {}

  [[nodiscard]] Result<void> Init();
  // What the component listed after Init.
  [[nodiscard]] Result<std::vector<std::string>> Operations();
  // Errors: also kLimit for an operation that is not listed, without calling the component.
  [[nodiscard]] Result<pb::InvokeResponse> Invoke(const pb::InvokeRequest& request);
  [[nodiscard]] Result<void> Ping();
  [[nodiscard]] Instance& instance() { return instance_; }

 private:
  Instance instance_;
};

class InputBinding {
 public:
  explicit InputBinding(InstanceSpec spec) : instance_(std::move(spec)) {}

  [[nodiscard]] Result<void> Init();
  // The subscription must end before this object does.
  [[nodiscard]] std::unique_ptr<Subscription> Read(DeliveryHandler handler,
                                                   SubscriptionOptions options = {});
  [[nodiscard]] Result<void> Ping();
  [[nodiscard]] Instance& instance() { return instance_; }

 private:
  Instance instance_;
};

}  // namespace injector::runtime
