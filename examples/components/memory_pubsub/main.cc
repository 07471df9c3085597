#include "broker.h"
#include "dapr_component_sdk/host.h"

int main() {
  dapr::component::Host host;
  host.Register<memory_pubsub::Broker>("memory-example");
  return host.Run();
}
