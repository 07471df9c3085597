// Components that answer, and not what the protocol says: each call ends with a sentence.
#include <gmock/gmock.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/method_handler.h>
#include <gtest/gtest.h>

#include "runtime/fake_component.h"
#include "runtime/socket_probe.h"
#include "runtime/state_store.h"
#include "support/fake_socket.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using runtime::ErrorKind;
using runtime::InstanceSpec;
using runtime::StateStore;
using testing::HasSubstr;
using namespace std::chrono_literals;

InstanceSpec Spec(const std::string& socket) {
  InstanceSpec spec;
  spec.name = "instance";
  spec.socket = socket;
  spec.init_timeout = 500ms;
  return spec;
}

// A state store whose answer to Init is no protobuf message.
class GarbageStore final : public grpc::Service {
 public:
  GarbageStore() {
    const auto answer = [](GarbageStore*, grpc::ServerContext*, const grpc::ByteBuffer*,
                           grpc::ByteBuffer* bytes) {
      const grpc::Slice slice("\xff\xff\xff");
      *bytes = grpc::ByteBuffer(&slice, 1);
      return grpc::Status::OK;
    };
    AddMethod(new grpc::internal::RpcServiceMethod(
        "/dapr.proto.components.v1.StateStore/Init", grpc::internal::RpcMethod::NORMAL_RPC,
        new grpc::internal::RpcMethodHandler<GarbageStore, grpc::ByteBuffer, grpc::ByteBuffer>(
            answer, this)));
  }
};

TEST(Garbage, AnswerThatIsNoMessageIsNamedAsSuch) {
  const ScopedTempDir folder;
  GarbageStore garbage;
  const FakeComponent component(folder / "it.sock", {}, {&garbage});
  StateStore store(Spec(folder / "it.sock"));
  const auto done = store.Init();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kFailed);
  EXPECT_EQ(done.error().message,
            "Init: the component's answer is no message of this call; build it from Dapr's own "
            ".proto files");
}

TEST(Garbage, OtherProtocolsEndTheCallAndAreNamed) {
  const ScopedTempDir folder;
  runtime::ProbeOptions options;
  options.connect_timeout = 500ms;
  for (const std::string_view answer :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"}) {
    const FakeSocketServer other(folder / "it.sock", answer);
    StateStore store(Spec(folder / "it.sock"));
    const auto done = store.Init();
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, HasSubstr("server")) << answer;
    const auto entries = runtime::ListFolder(folder.path());
    ASSERT_TRUE(entries);
    const runtime::SocketReport report = runtime::ProbeSocket(entries->at(0), options);
    EXPECT_EQ(report.verdict, runtime::Verdict::kMute);
    EXPECT_THAT(report.advice, HasSubstr("no gRPC server"));
  }
}

}  // namespace
}  // namespace injector::test
