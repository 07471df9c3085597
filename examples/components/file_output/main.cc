#include "dapr_component_sdk/host.h"
#include "file_binding.h"

int main() {
  dapr::component::Host host;
  host.Register<file_output::FileBinding>("file-example");
  return host.Run();
}
