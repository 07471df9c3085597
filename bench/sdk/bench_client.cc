// One client for all servers. Prints calls or messages per second and the 99th percentile.
// Usage: bench_client state SOCKET CONCURRENCY SECONDS    alternating get and set, 100 bytes
//        bench_client stream SOCKET WINDOW SECONDS        messages that the server feeds by itself
//        bench_client pubsub SOCKET WINDOW SECONDS        published and acknowledged messages
//        bench_client count SOCKET WINDOW MESSAGES        as stream, until so many messages
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "components_pubsub.grpc.pb.h"
#include "components_state.grpc.pb.h"

namespace {

namespace pb = dapr::proto::components::v1;
using Clock = std::chrono::steady_clock;

struct Bench {
  std::shared_ptr<grpc::Channel> channel;
  grpc::CompletionQueue queue;
  long window = 1;
  double seconds = 1;
  long messages = 0;  // 0: by time
  std::vector<float> latencies;
};

double Since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::unique_ptr<grpc::ClientContext> Context() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->AddMetadata("x-component-instance", "bench");
  return context;
}

void Report(Bench& bench, double count, double seconds) {
  std::sort(bench.latencies.begin(), bench.latencies.end());
  const double p99 =
      bench.latencies.empty() ? 0 : bench.latencies[bench.latencies.size() * 99 / 100] * 1e3;
  std::printf("%.0f %.2f\n", count / seconds, p99);
  std::fflush(stdout);
  std::_Exit(0);  // what is still on its way does not matter
}

struct StateCall {
  std::unique_ptr<grpc::ClientContext> context = Context();
  pb::GetResponse got;
  pb::SetResponse set;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<pb::GetResponse>> get_reader;
  std::unique_ptr<grpc::ClientAsyncResponseReader<pb::SetResponse>> set_reader;
  Clock::time_point begin = Clock::now();
};

void RunState(Bench& bench) {
  const auto stub = pb::StateStore::NewStub(bench.channel);
  {
    pb::InitRequest request;
    request.mutable_metadata();  // as the runtime; the Go SDK dies without
    pb::InitResponse response;
    stub->Init(Context().get(), request, &response);
  }
  pb::GetRequest get;
  pb::SetRequest set;
  set.set_value(std::string(100, 'x'));
  long number = 0;
  const auto begin_call = [&] {
    auto* call = new StateCall;
    const std::string key = "app||key-" + std::to_string(number % 100);
    if (++number % 2 == 0) {
      get.set_key(key);
      call->get_reader = stub->AsyncGet(call->context.get(), get, &bench.queue);
      call->get_reader->Finish(&call->got, &call->status, call);
    } else {
      set.set_key(key);
      call->set_reader = stub->AsyncSet(call->context.get(), set, &bench.queue);
      call->set_reader->Finish(&call->set, &call->status, call);
    }
  };
  const auto begin = Clock::now();
  for (long i = 0; i < bench.window; ++i) begin_call();
  void* tag = nullptr;
  bool ok = false;
  double done = 0;
  while (Since(begin) < bench.seconds && bench.queue.Next(&tag, &ok)) {
    const std::unique_ptr<StateCall> call(static_cast<StateCall*>(tag));
    if (!call->status.ok()) {
      std::fprintf(stderr, "call failed: %s\n", call->status.error_message().c_str());
      std::exit(1);
    }
    ++done;
    bench.latencies.push_back(static_cast<float>(Since(call->begin)));
    begin_call();
  }
  Report(bench, done, Since(begin));
}

struct PublishCall {
  std::unique_ptr<grpc::ClientContext> context = Context();
  pb::PublishResponse response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<pb::PublishResponse>> reader;
};

// Acknowledges what one stream brings; with `publish` it also publishes what it brings.
void RunPull(Bench& bench, bool publish) {
  const auto stub = pb::PubSub::NewStub(bench.channel);
  {
    pb::PubSubInitRequest request;
    request.mutable_metadata();
    pb::PubSubInitResponse response;
    stub->Init(Context().get(), request, &response);
  }
  const auto context = Context();
  int read_tag = 0;
  int write_tag = 0;
  void* tag = nullptr;
  bool ok = false;
  const auto stream = stub->AsyncPullMessages(context.get(), &bench.queue, &write_tag);
  bench.queue.Next(&tag, &ok);
  pb::PullMessagesRequest ack;
  ack.mutable_topic()->set_name("t");
  (*ack.mutable_topic()->mutable_metadata())["window"] = std::to_string(bench.window);
  stream->Write(ack, &write_tag);
  bench.queue.Next(&tag, &ok);
  pb::PublishRequest message;
  message.set_topic("t");
  message.set_data(std::string(100, 'x'));
  const auto begin_publish = [&] {
    auto* call = new PublishCall;
    call->reader = stub->AsyncPublish(call->context.get(), message, &bench.queue);
    call->reader->Finish(&call->response, &call->status, call);
  };
  pb::PullMessagesResponse pulled;
  std::vector<std::string> to_ack;
  bool writing = false;
  const auto write = [&] {
    if (writing || to_ack.empty()) return;
    writing = true;
    ack.Clear();
    ack.set_ack_message_id(to_ack.back());
    to_ack.pop_back();
    stream->Write(ack, &write_tag);
  };
  stream->Read(&pulled, &read_tag);
  const auto begin = Clock::now();
  if (publish)
    for (long i = 0; i < bench.window; ++i) begin_publish();
  double done = 0;
  while (bench.queue.Next(&tag, &ok)) {
    if (tag == &write_tag) {
      writing = false;
      ++done;
    } else if (tag == &read_tag) {
      if (!ok) std::exit(1);
      to_ack.push_back(pulled.id());
      stream->Read(&pulled, &read_tag);
    } else {
      delete static_cast<PublishCall*>(tag);
      begin_publish();
    }
    write();
    if (bench.messages > 0 ? done >= static_cast<double>(bench.messages)
                           : Since(begin) >= bench.seconds)
      break;
  }
  Report(bench, done, Since(begin));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string mode = argv[1];
  Bench bench;
  bench.channel =
      grpc::CreateChannel(std::string("unix:") + argv[2], grpc::InsecureChannelCredentials());
  // A socket that is there need not listen yet.
  if (!bench.channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20)))
    return 1;
  bench.window = std::atol(argv[3]);
  bench.seconds = std::atof(argv[4]);
  if (mode == "count") bench.messages = std::atol(argv[4]);
  if (mode == "state") RunState(bench);
  RunPull(bench, mode == "pubsub");
}
