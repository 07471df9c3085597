#include <utility>

#include "components_bindings.grpc.pb.h"
#include "convert.h"
#include "service.h"
#include "stream_call.h"
#include "unary_call.h"

namespace dapr::component {
namespace {

class InputService final : public KindService {
 public:
  explicit InputService(InstancesPtr instances) : instances_(std::move(instances)) {}

  std::vector<grpc::Service*> Services() override { return {&wired_}; }
  std::vector<std::string> Names() const override {
    return {pb::InputBinding::service_full_name()};
  }
  void Serve(const std::shared_ptr<ServerCore>& core) override;

 private:
  using Wired = pb::InputBinding::AsyncService;
  void ServeRead(const std::shared_ptr<ServerCore>& core);

  const InstancesPtr instances_;
  Wired wired_;
};

void InputService::Serve(const std::shared_ptr<ServerCore>& core) {
  ServeUnary(core.get(), &wired_, "InputBinding.Init", &Wired::RequestInit,
             [this](const std::string& id, auto& request, auto*) {
               const Properties metadata = FromWire(request.metadata().properties());
               return instances_->Initialise(id, Kind::kInput, [&](ComponentObject& object) {
                 return object.input->Init(metadata);
               });
             });
  ServeUnary(core.get(), &wired_, "InputBinding.Ping", &Wired::RequestPing,
             [this](const std::string& id, auto&, auto*) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               return (*instance)->object.input->Ping();
             });
  ServeRead(core);
}

void InputService::ServeRead(const std::shared_ptr<ServerCore>& core) {
  auto method = std::make_shared<StreamMethod<pb::ReadRequest, pb::ReadResponse>>();
  method->core = core;
  method->metrics = core->metrics.Method("InputBinding.Read");
  method->request_call = [this, queue = core->queue](auto* context, auto* stream, void* tag) {
    wired_.RequestRead(context, stream, queue, queue, tag);
  };
  method->opens_with_request = false;
  method->open = [this](const std::string& id, const pb::ReadRequest*,
                        const std::shared_ptr<OutgoingStream>& stream) -> Result<void> {
    Result<std::shared_ptr<Instance>> instance = instances_->FindReady(id, Kind::kInput);
    if (!instance) return tl::unexpected(instance.error());
    (*instance)->streams.Add(stream);
    return (*instance)->object.input->Read(stream);
  };
  method->settle = [](pb::ReadRequest& request, OutgoingStream& stream) {
    if (request.has_response_error())
      stream.Settle(request.message_id(),
                    {Outcome::Kind::kRejected, request.response_error().message()});
    else
      stream.Settle(request.message_id(),
                    {Outcome::Kind::kProcessed, std::move(*request.mutable_response_data())});
  };
  method->encode = [](std::uint64_t id, Message message, pb::ReadResponse* out) {
    out->set_data(std::move(message.data));
    ToWire(message.metadata, out->mutable_metadata());
    out->set_content_type(std::move(message.content_type));
    out->set_message_id(std::to_string(id));
  };
  StreamCall<pb::ReadRequest, pb::ReadResponse>::Await(std::move(method));
}

class OutputService final : public KindService {
 public:
  explicit OutputService(InstancesPtr instances) : instances_(std::move(instances)) {}

  std::vector<grpc::Service*> Services() override { return {&wired_}; }
  std::vector<std::string> Names() const override {
    return {pb::OutputBinding::service_full_name()};
  }
  void Serve(const std::shared_ptr<ServerCore>& core) override;

 private:
  using Wired = pb::OutputBinding::AsyncService;

  const InstancesPtr instances_;
  Wired wired_;
};

void OutputService::Serve(const std::shared_ptr<ServerCore>& core) {
  ServeUnary(core.get(), &wired_, "OutputBinding.Init", &Wired::RequestInit,
             [this](const std::string& id, auto& request, auto*) {
               const Properties metadata = FromWire(request.metadata().properties());
               return instances_->Initialise(id, Kind::kOutput, [&](ComponentObject& object) {
                 return object.output->Init(metadata);
               });
             });
  ServeUnary(core.get(), &wired_, "OutputBinding.Invoke", &Wired::RequestInvoke,
             [this](const std::string& id, auto& request, auto* response) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance =
                   instances_->FindReady(id, Kind::kOutput);
               if (!instance) return tl::unexpected(instance.error());
               return (*instance)
                   ->object.output->Invoke(FromWire(request))
                   .map([&](InvokeResponse answer) { ToWire(std::move(answer), response); });
             });
  ServeUnary(core.get(), &wired_, "OutputBinding.ListOperations", &Wired::RequestListOperations,
             [this](const std::string& id, auto&, auto* response) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               for (std::string& operation : (*instance)->object.output->Operations())
                 response->add_operations(std::move(operation));
               return {};
             });
  ServeUnary(core.get(), &wired_, "OutputBinding.Ping", &Wired::RequestPing,
             [this](const std::string& id, auto&, auto*) -> Result<void> {
               Result<std::shared_ptr<Instance>> instance = instances_->Find(id);
               if (!instance) return tl::unexpected(instance.error());
               return (*instance)->object.output->Ping();
             });
}

}  // namespace

std::unique_ptr<KindService> MakeInputService(InstancesPtr instances) {
  return std::make_unique<InputService>(std::move(instances));
}

std::unique_ptr<KindService> MakeOutputService(InstancesPtr instances) {
  return std::make_unique<OutputService>(std::move(instances));
}

}  // namespace dapr::component
