// Start, reflection, health, bindings and secret stores over a real socket.
#include "dapr_component_sdk/host.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "component_client.h"
#include "component_reflection.pb.h"
#include "hosted.h"
#include "sample_bindings.h"
#include "sample_pubsub.h"
#include "sample_store.h"
#include "support/scoped_temp_dir.h"
#include "wait_for.h"

namespace injector::test {
namespace {

namespace wire = dapr::component::wire;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// Sends one reflection request to the service of `version` and returns the answer.
wire::ServerReflectionResponse Reflect(ComponentClient& client, const std::string& version,
                                       const wire::ServerReflectionRequest& request) {
  grpc::TemplatedGenericStub<wire::ServerReflectionRequest, wire::ServerReflectionResponse> stub(
      client.channel());
  grpc::CompletionQueue queue;
  const auto context = ComponentClient::Context("");
  wire::ServerReflectionResponse response;
  void* tag = nullptr;
  bool ok = false;
  auto call = stub.PrepareCall(
      context.get(), "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo",
      &queue);
  call->StartCall(&tag);
  queue.Next(&tag, &ok);
  call->Write(request, &tag);
  queue.Next(&tag, &ok);
  call->Read(&response, &tag);
  queue.Next(&tag, &ok);
  call->WritesDone(&tag);
  queue.Next(&tag, &ok);
  grpc::Status status;
  call->Finish(&status, &tag);
  queue.Next(&tag, &ok);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

std::vector<std::string> ListServices(ComponentClient& client, const std::string& version) {
  wire::ServerReflectionRequest request;
  request.set_list_services("*");
  const wire::ServerReflectionResponse response = Reflect(client, version, request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service())
    names.push_back(service.name());
  return names;
}

class HostTest : public ::testing::Test {
 protected:
  sdk::HostOptions Options() {
    sdk::HostOptions options;
    options.folder = dir_.path();
    options.extension = "sock";
    options.grace = std::chrono::milliseconds(0);
    options.log = [](sdk::LogLevel, std::string_view) {};
    return options;
  }
  ScopedTempDir dir_;
};

TEST_F(HostTest, ReflectionListsExactlyWhatIsServedInBothVersions) {
  sdk::Host host(Options());
  host.Register<SampleStore>("sample");
  host.Register<SamplePubSub>("sample");
  ASSERT_TRUE(host.Start());
  ComponentClient client(dir_ / "sample.sock");
  const std::string package = "dapr.proto.components.v1.";
  const auto expected = UnorderedElementsAre(
      package + "StateStore", package + "QueriableStateStore", package + "TransactionalStateStore",
      package + "TransactionalStoreMultiMaxSize", package + "PubSub",
      "grpc.reflection.v1alpha.ServerReflection", "grpc.reflection.v1.ServerReflection");
  EXPECT_THAT(ListServices(client, "v1alpha"), expected);
  EXPECT_THAT(ListServices(client, "v1"), expected);
}

TEST_F(HostTest, ReflectionListsNoServiceOfAnotherSocket) {
  sdk::Host host(Options());
  host.Register<SampleSecrets>("one");
  host.Register<SamplePubSub>("two");
  ASSERT_TRUE(host.Start());
  ComponentClient client(dir_ / "one.sock");
  EXPECT_THAT(ListServices(client, "v1alpha"),
              UnorderedElementsAre("dapr.proto.components.v1.SecretStore",
                                   "grpc.reflection.v1alpha.ServerReflection",
                                   "grpc.reflection.v1.ServerReflection"));
}

TEST_F(HostTest, ReflectionGivesTheFilesOfASymbolAndSaysWhatIsUnknown) {
  sdk::Host host(Options());
  host.Register<SamplePubSub>("sample");
  ASSERT_TRUE(host.Start());
  ComponentClient client(dir_ / "sample.sock");
  wire::ServerReflectionRequest request;
  request.set_file_containing_symbol("dapr.proto.components.v1.PubSub");
  EXPECT_EQ(
      Reflect(client, "v1alpha", request).file_descriptor_response().file_descriptor_proto_size(),
      2);  // the services' file and the common one
  request.set_file_containing_symbol("no.such.Symbol");
  EXPECT_EQ(Reflect(client, "v1alpha", request).error_response().error_code(), 5);
}

TEST_F(HostTest, UnknownMethodIsUnimplementedAndHealthIsServing) {
  sdk::Host host(Options());
  host.Register<SamplePubSub>("sample");
  ASSERT_TRUE(host.Start());
  ComponentClient client(dir_ / "sample.sock");
  EXPECT_EQ(client.Set("", "k", "v").error_code(), grpc::StatusCode::UNIMPLEMENTED);
  grpc::GenericStub stub(client.channel());
  grpc::CompletionQueue queue;
  const auto context = ComponentClient::Context("");
  const grpc::Slice empty("");
  const auto call = stub.PrepareUnaryCall(context.get(), "/grpc.health.v1.Health/Check",
                                          grpc::ByteBuffer(&empty, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  void* tag = nullptr;
  bool ok = false;
  call->Finish(&answer, &status, &tag);
  queue.Next(&tag, &ok);
  ASSERT_TRUE(status.ok()) << status.error_message();
  grpc::Slice slice;
  ASSERT_TRUE(answer.DumpToSingleSlice(&slice).ok());
  EXPECT_EQ(std::string(slice.begin(), slice.end()), "\x08\x01");
}

TEST_F(HostTest, PauseOfASocketWithoutAPubSubIsUnimplementedAndTheConnectionGoesOn) {
  sdk::Host host(Options());
  host.Register<SampleStore>("sample");
  ASSERT_TRUE(host.Start());
  ComponentClient client(dir_ / "sample.sock");
  ASSERT_TRUE(client.InitState("").ok());
  pb::PauseResponse response;
  const grpc::Status status =
      client.Call<pb::PubSub>(&pb::PubSub::Stub::Pause, "", pb::PauseRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("PubSub/Pause"));
  EXPECT_TRUE(client.Set("", "k", "v").ok());
}

TEST_F(HostTest, SecondHostOnANameIsRefusedAndTheFirstGoesOn) {
  sdk::Host first(Options());
  first.Register<SamplePubSub>("sample");
  ASSERT_TRUE(first.Start());
  sdk::Host second(Options());
  second.Register<SamplePubSub>("sample");
  const auto started = second.Start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("sample.sock is in use"));
  ComponentClient client(dir_ / "sample.sock");
  EXPECT_TRUE(client.InitPubSub("x").ok());
}

TEST_F(HostTest, FailedStartOfOneSocketTakesDownTheOthers) {
  std::ofstream(dir_ / "two.sock") << "no socket";
  sdk::Host host(Options());
  host.Register<SamplePubSub>("one");
  host.Register<SamplePubSub>("two");
  EXPECT_FALSE(host.Start());
  EXPECT_FALSE(std::filesystem::exists(dir_ / "one.sock"));
}

TEST_F(HostTest, SameKindTwiceOnANameIsRefused) {
  sdk::Host host(Options());
  host.Register<SamplePubSub>("sample");
  host.Register<SamplePubSub>("sample");
  const auto started = host.Start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("two classes of the same kind"));
}

TEST_F(HostTest, NothingRegisteredIsRefused) {
  EXPECT_FALSE(sdk::Host(Options()).Start());
}

TEST_F(HostTest, StopRemovesTheSocket) {
  sdk::Host host(Options());
  host.Register<SamplePubSub>("sample");
  ASSERT_TRUE(host.Start());
  ASSERT_TRUE(std::filesystem::exists(dir_ / "sample.sock"));
  host.Stop();
  EXPECT_FALSE(std::filesystem::exists(dir_ / "sample.sock"));
}

TEST_F(HostTest, StopTakesNoNewCallersAndFinishesTheCallThatRuns) {
  Hosted<SampleStore> hosted(dir_.path(), std::chrono::seconds(20));
  ASSERT_TRUE(hosted.started);
  ComponentClient client(dir_ / "sample.sock");
  ASSERT_TRUE(client.InitState("x").ok());
  ASSERT_TRUE(client.Set("x", "wait", "value").ok());
  SampleStore& store = hosted["x"];
  std::string answer;
  std::thread caller([&] { answer = client.Get("x", "wait"); });
  EXPECT_TRUE(WaitFor([&] { return store.waiting == 1; }));
  std::thread stop([&] { hosted.host->Stop(); });
  EXPECT_TRUE(WaitFor([&] { return !std::filesystem::exists(dir_ / "sample.sock"); }));
  EXPECT_FALSE(ComponentClient(dir_ / "sample.sock").InitState("x").ok());
  store.Release();
  caller.join();
  EXPECT_EQ(answer, "value");
  stop.join();
}

TEST_F(HostTest, InstancesAreBounded) {
  sdk::HostOptions options = Options();
  options.max_instances = 2;
  sdk::Host host(options);
  host.Register<SamplePubSub>("sample");
  ASSERT_TRUE(host.Start());
  ComponentClient client(dir_ / "sample.sock");
  EXPECT_TRUE(client.InitPubSub("1").ok());
  EXPECT_TRUE(client.InitPubSub("2").ok());
  EXPECT_EQ(client.InitPubSub("3").error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(HostTest, BindingFeedsWithoutAFirstMessageAndIsOneObjectForBothDirections) {
  sdk::Host host(Options());
  host.Register<SampleBinding>("sample");
  ASSERT_TRUE(host.Start());
  ComponentClient client(dir_ / "sample.sock");
  pb::InputBindingInitResponse in;
  ASSERT_TRUE(client
                  .Call<pb::InputBinding>(&pb::InputBinding::Stub::Init, "x",
                                          pb::InputBindingInitRequest(), &in)
                  .ok());
  pb::OutputBindingInitResponse out;
  ASSERT_TRUE(client
                  .Call<pb::OutputBinding>(&pb::OutputBinding::Stub::Init, "x",
                                           pb::OutputBindingInitRequest(), &out)
                  .ok());
  const auto stub = pb::InputBinding::NewStub(client.channel());
  const auto context = ComponentClient::Context("x");
  const auto stream = stub->Read(context.get());
  pb::ReadResponse event;
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_EQ(event.data(), "event");
  EXPECT_EQ(event.metadata().at("k"), "v");
  pb::ReadRequest answer;
  answer.set_message_id(event.message_id());
  answer.set_response_data("thanks");
  stream->Write(answer);
  stream->WritesDone();
  while (stream->Read(&event)) continue;
  stream->Finish();
  pb::InvokeRequest request;
  request.set_operation("create");
  request.set_data("d");
  pb::InvokeResponse response;
  ASSERT_TRUE(
      client.Call<pb::OutputBinding>(&pb::OutputBinding::Stub::Invoke, "x", request, &response)
          .ok());
  EXPECT_EQ(response.data(), "create:d:thanks");
  pb::ListOperationsResponse operations;
  ASSERT_TRUE(client
                  .Call<pb::OutputBinding>(&pb::OutputBinding::Stub::ListOperations, "x",
                                           pb::ListOperationsRequest(), &operations)
                  .ok());
  EXPECT_THAT(operations.operations(), ElementsAre("create", "get"));
}

TEST_F(HostTest, SecretsAreReadSinglyAndInBulk) {
  sdk::Host host(Options());
  host.Register<SampleSecrets>("sample");
  ASSERT_TRUE(host.Start());
  ComponentClient client(dir_ / "sample.sock");
  pb::SecretStoreInitResponse init;
  ASSERT_TRUE(client
                  .Call<pb::SecretStore>(&pb::SecretStore::Stub::Init, "x",
                                         pb::SecretStoreInitRequest(), &init)
                  .ok());
  pb::GetSecretRequest request;
  request.set_key("db");
  (*request.mutable_metadata())["namespace"] = "prod";
  pb::GetSecretResponse secret;
  ASSERT_TRUE(
      client.Call<pb::SecretStore>(&pb::SecretStore::Stub::Get, "x", request, &secret).ok());
  EXPECT_EQ(secret.data().at("password"), "hunter2");
  EXPECT_EQ(secret.data().at("namespace"), "prod");
  request.set_key("none");
  EXPECT_EQ(
      client.Call<pb::SecretStore>(&pb::SecretStore::Stub::Get, "x", request, &secret).error_code(),
      grpc::StatusCode::NOT_FOUND);
  pb::BulkGetSecretResponse all;
  ASSERT_TRUE(client
                  .Call<pb::SecretStore>(&pb::SecretStore::Stub::BulkGet, "x",
                                         pb::BulkGetSecretRequest(), &all)
                  .ok());
  EXPECT_EQ(all.data().at("db").secrets().at("password"), "hunter2");
}

}  // namespace
}  // namespace injector::test
