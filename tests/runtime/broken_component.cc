// A component that is right but for one defect, chosen by its first argument ("none": no defect).
// Usage: broken-component DEFECT SOCKET. Serves every kind until it is killed.
#include <sys/stat.h>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "runtime/broken_state.h"
#include "runtime/broken_streams.h"
#include "runtime/fake_component.h"

namespace injector::test {
namespace {

ReflectionStyle StyleOf(const std::string& defect) {
  ReflectionStyle style;
  for (const char* service :
       {"PubSub", "StateStore", "TransactionalStateStore", "QueriableStateStore", "InputBinding",
        "OutputBinding", "SecretStore"})
    style.services.push_back(std::string("dapr.proto.components.v1.") + service);
  style.v1alpha = defect != "reflection-v1-only";
  return style;
}

int Serve(const std::string& defect, const std::string& socket) {
  BrokenState state(defect);
  BrokenTransactions transactions(defect, state);
  BrokenQueries queries(defect, state);
  BrokenPubSub pubsub(defect);
  BrokenInput input(defect);
  BrokenOutput output(defect);
  BrokenSecrets secrets(defect);
  const FakeComponent component(
      socket, StyleOf(defect),
      {&state, &transactions, &queries, &pubsub, &input, &output, &secrets});
  ::chmod(socket.c_str(), defect == "socket-mode" ? 0755 : 0666);
  std::cout << "serving" << std::endl;
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

}  // namespace
}  // namespace injector::test

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: broken-component DEFECT SOCKET\n";
    return 2;
  }
  return injector::test::Serve(argv[1], argv[2]);
}
