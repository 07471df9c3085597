#pragma once

// A gRPC server on a Unix socket as a component is one: services of the test's own, and reflection
// as the test wants it.

#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

namespace injector::test {

struct ReflectionStyle {
  std::vector<std::string> services = {};  // what it lists
  bool v1alpha = true;
  bool v1 = true;
  bool mute = false;     // accepts the stream and never answers
  bool fails = false;    // ends the stream with an error
  bool no_list = false;  // answers with an error message instead of a list
};

class FakeComponent {
 public:
  // Serves at `path` from now on. `services` must outlive it.
  FakeComponent(const std::string& path, const ReflectionStyle& reflection,
                const std::vector<grpc::Service*>& services = {});
  ~FakeComponent();
  FakeComponent(const FakeComponent&) = delete;
  FakeComponent& operator=(const FakeComponent&) = delete;

  // Ends every call and the server at once, as a kill does.
  void Stop();

 private:
  class Reflection;
  std::vector<std::unique_ptr<Reflection>> reflection_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace injector::test
