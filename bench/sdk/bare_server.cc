// The limit to compare with: the least that a gRPC server of this toolchain can do for the same
// messages, in the fastest of its server APIs (one thread on one completion queue). No instances,
// no store, no acknowledgement manager. Usage: bare_server SOCKET
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <cstdlib>
#include <string>

#include "components_pubsub.grpc.pb.h"
#include "components_state.grpc.pb.h"

namespace {

namespace pb = dapr::proto::components::v1;

pb::StateStore::AsyncService state_service;
pb::PubSub::AsyncService pubsub_service;
grpc::ServerCompletionQueue* queue;

struct Tag {
  virtual ~Tag() = default;
  virtual void Complete(bool ok) = 0;
};

template <auto& Service, typename Request, typename Response, auto Await, auto Fill>
struct Unary final : Tag {
  Unary() { (Service.*Await)(&context, &request, &responder, queue, queue, this); }
  void Complete(bool ok) override {
    if (!ok || done) {
      delete this;
      return;
    }
    new Unary;
    done = true;
    Fill(&response);
    responder.Finish(response, grpc::Status::OK, this);
  }
  grpc::ServerContext context;
  Request request;
  Response response;
  grpc::ServerAsyncResponseWriter<Response> responder{&context};
  bool done = false;
};

using State = pb::StateStore::AsyncService;
using Get = Unary<state_service, pb::GetRequest, pb::GetResponse, &State::RequestGet,
                  [](pb::GetResponse* response) { response->set_data(std::string(100, 'x')); }>;
using Set = Unary<state_service, pb::SetRequest, pb::SetResponse, &State::RequestSet,
                  [](pb::SetResponse*) {}>;
using InitState = Unary<state_service, pb::InitRequest, pb::InitResponse, &State::RequestInit,
                        [](pb::InitResponse*) {}>;
using InitPubSub = Unary<pubsub_service, pb::PubSubInitRequest, pb::PubSubInitResponse,
                         &pb::PubSub::AsyncService::RequestInit, [](pb::PubSubInitResponse*) {}>;

// Sends a window of messages and one more for each answer.
struct Pull {
  struct Step final : Tag {
    Step(Pull* p, void (Pull::*s)(bool)) : pull(p), step(s) {}
    void Complete(bool ok) override { (pull->*step)(ok); }
    Pull* pull;
    void (Pull::*step)(bool);
  };
  Pull() { pubsub_service.RequestPullMessages(&context, &stream, queue, queue, &accepted); }
  void OnAccepted(bool ok) {
    if (!ok) return;
    new Pull;
    stream.Read(&request, &read);
  }
  void OnRead(bool ok) {
    if (!ok) {
      if (!ended) stream.Finish(grpc::Status::OK, &finished);
      ended = true;
      return;
    }
    if (request.has_topic())
      to_send = std::atoi(request.topic().metadata().at("window").c_str());
    else
      ++to_send;
    Write();
    stream.Read(&request, &read);
  }
  void OnWritten(bool ok) {
    writing = false;
    if (ok) Write();
  }
  void Write() {
    if (writing || ended || to_send == 0) return;
    --to_send;
    writing = true;
    message.set_data(std::string(100, 'x'));
    message.set_topic_name("t");
    message.set_id(std::to_string(++id));
    grpc::WriteOptions options;
    if (to_send > 0) options.set_buffer_hint();
    stream.Write(message, options, &written);
  }
  void OnFinished(bool) {}
  grpc::ServerContext context;
  grpc::ServerAsyncReaderWriter<pb::PullMessagesResponse, pb::PullMessagesRequest> stream{&context};
  Step accepted{this, &Pull::OnAccepted}, read{this, &Pull::OnRead},
      written{this, &Pull::OnWritten}, finished{this, &Pull::OnFinished};
  pb::PullMessagesRequest request;
  pb::PullMessagesResponse message;
  int to_send = 0;
  long id = 0;
  bool writing = false;
  bool ended = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("unix:") + argv[1], grpc::InsecureServerCredentials());
  builder.RegisterService(&state_service);
  builder.RegisterService(&pubsub_service);
  const auto own_queue = builder.AddCompletionQueue();
  queue = own_queue.get();
  const auto server = builder.BuildAndStart();
  new InitState;
  new InitPubSub;
  new Get;
  new Set;
  new Pull;
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Tag*>(tag)->Complete(ok);
}
