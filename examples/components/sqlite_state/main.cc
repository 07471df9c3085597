#include "dapr_component_sdk/host.h"
#include "sqlite_store.h"

int main() {
  dapr::component::Host host;
  host.Register<sqlite_state::SqliteStore>("sqlite-example");
  return host.Run();
}
