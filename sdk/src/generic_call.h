#pragma once
// Calls of methods that no component service has: reflection and health, in their own small
// implementation on the component's completion queue (gRPC's plugins would bring the synchronous
// server and its threads along), and everything else, which is UNIMPLEMENTED.

#include <grpcpp/generic/async_generic_service.h>

#include <memory>
#include <string>
#include <vector>

#include "completion_loop.h"
#include "server_core.h"

namespace dapr::component {

struct GenericMethod {
  std::shared_ptr<ServerCore> core;
  grpc::AsyncGenericService* service;
  std::vector<std::string> services;  // what reflection lists
};

class GenericCall final : public Completion {
 public:
  static void Await(std::shared_ptr<const GenericMethod> method);
  void Complete(bool ok) override;

 private:
  explicit GenericCall(std::shared_ptr<const GenericMethod> method);
  ~GenericCall() override;

  void Begin();
  void OnRequest();
  void Finish(const grpc::Status& status);

  enum class Step { kAccept, kRead, kWrite, kFinish };

  const std::shared_ptr<const GenericMethod> method_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  Step step_ = Step::kAccept;
  bool reflection_ = false;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace dapr::component
