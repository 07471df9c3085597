#include "dapr_component_sdk/host.h"
#include "yaml_store.h"

int main() {
  dapr::component::Host host;
  host.Register<yaml_secrets::YamlStore>("yaml-example");
  return host.Run();
}
