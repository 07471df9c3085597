#include "socket_server.h"

#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

#include <utility>

#include "generic_call.h"

namespace dapr::component {

std::string InstanceOf(const grpc::ServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("x-component-instance");
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

SocketServer::SocketServer(std::string name, std::string path, const HostOptions& options,
                           LogSink log, std::vector<ComponentClass> components)
    : path_(std::move(path)),
      options_(options),
      core_(std::make_shared<ServerCore>(std::move(name), std::move(log))) {
  MakeServices(components);
}

SocketServer::~SocketServer() {
  Shutdown(std::chrono::system_clock::now());
}

void SocketServer::MakeServices(const std::vector<ComponentClass>& components) {
  for (const ComponentClass& component : components) {
    auto instances = std::make_shared<Instances>(component, options_.max_instances);
    instances_.push_back(instances);
    if (component.state) services_.push_back(MakeStateService(instances));
    if (component.pubsub) services_.push_back(MakePubSubService(instances));
    if (component.input) services_.push_back(MakeInputService(instances));
    if (component.output) services_.push_back(MakeOutputService(instances));
    if (component.secrets) services_.push_back(MakeSecretService(instances));
  }
  for (const auto& service : services_)
    for (std::string& name : service->Names()) names_.push_back(std::move(name));
  names_.emplace_back("grpc.reflection.v1alpha.ServerReflection");
  names_.emplace_back("grpc.reflection.v1.ServerReflection");
}

Result<void> SocketServer::Start() {
  Result<std::unique_ptr<Listener>> listener =
      Listener::Bind(path_, {options_.socket_mode, options_.socket_group});
  if (!listener) return tl::unexpected(listener.error());
  listener_ = std::move(*listener);
  Result<void> served = StartGrpc();
  if (!served) return served;
  return listener_->Publish(
      [this](int connection) { grpc::AddInsecureChannelFromFd(server_.get(), connection); });
}

Result<void> SocketServer::StartGrpc() {
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(options_.max_request_bytes);
  for (const auto& service : services_)
    for (grpc::Service* wired : service->Services()) builder.RegisterService(wired);
  builder.RegisterAsyncGenericService(&generic_);
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  if (!server_) {
    queue_->Shutdown();
    loop_ = std::make_unique<CompletionLoop>(queue_.get(), 1);
    return Fail(ErrorKind::kInternal, "gRPC could not start the server of " + path_);
  }
  core_->queue = queue_.get();
  for (const auto& service : services_) service->Serve(core_);
  auto generic = std::make_shared<GenericMethod>();
  *generic = {core_, &generic_, names_};
  GenericCall::Await(std::move(generic));
  loop_ = std::make_unique<CompletionLoop>(queue_.get(), options_.max_threads);
  return {};
}

void SocketServer::BeginStop() {
  if (listener_) listener_->Close();
  for (const InstancesPtr& instances : instances_)
    instances->ForEachGroup([](StreamGroup& group) {
      for (const auto& stream : group.Streams()) stream->Drain();
    });
}

bool SocketServer::Drained() {
  std::size_t pending = 0;
  for (const InstancesPtr& instances : instances_)
    instances->ForEachGroup([&pending](StreamGroup& group) {
      for (const auto& stream : group.Streams()) pending += stream->Pending();
    });
  return pending == 0;
}

void SocketServer::Shutdown(std::chrono::system_clock::time_point deadline) {
  if (!server_) return;
  BeginStop();
  for (const InstancesPtr& instances : instances_)
    instances->ForEachGroup([](StreamGroup& group) {
      for (const auto& stream : group.Streams()) stream->CloseQuietly();
    });
  server_->Shutdown(deadline);
  // A handler that still runs would answer on the queue: it must not be gone by then.
  core_->WaitForCalls();
  queue_->Shutdown();
  loop_.reset();
  server_.reset();
  queue_.reset();
  listener_.reset();
}

}  // namespace dapr::component
