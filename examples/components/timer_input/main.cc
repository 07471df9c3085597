#include "dapr_component_sdk/host.h"
#include "timer_binding.h"

int main() {
  dapr::component::Host host;
  host.Register<timer_input::TimerBinding>("timer-example");
  return host.Run();
}
