// What is measured: a state store in memory, the broker of the examples, and a component that
// feeds messages by itself. Without an argument bench.sock (state, pub/sub), with one feeder.sock:
// two sockets in one process share gRPC's one poller, which costs a hand-over per call.
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "dapr_component_sdk/host.h"
#include "memory_pubsub/broker.h"

namespace {

namespace sdk = dapr::component;

class Store : public sdk::StateStore {
 public:
  sdk::Result<void> Init(const sdk::Properties&) override { return {}; }
  sdk::Result<sdk::GetResponse> Get(const sdk::GetRequest& request) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = values_.find(request.key);
    return found == values_.end() ? sdk::GetResponse{} : found->second;
  }
  sdk::Result<void> Set(const sdk::SetRequest& request) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    values_[request.key] = {request.value, std::to_string(++version_), {}, request.content_type};
    return {};
  }
  sdk::Result<void> Delete(const sdk::DeleteRequest& request) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    values_.erase(request.key);
    return {};
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, sdk::GetResponse> values_;
  long version_ = 0;
};

// Keeps a window of messages on the way: one more for each outcome.
class Feeder : public sdk::PubSub {
 public:
  sdk::Result<void> Init(const sdk::Properties&) override { return {}; }
  sdk::Result<void> Publish(const sdk::PublishRequest&) override { return {}; }
  sdk::Result<void> Subscribe(const sdk::Subscription& subscription,
                              std::shared_ptr<sdk::MessageStream> stream) override {
    const int window = std::stoi(subscription.metadata.at("window"));
    for (int i = 0; i < window; ++i) Feed(stream);
    return {};
  }

 private:
  static void Feed(const std::shared_ptr<sdk::MessageStream>& stream) {
    sdk::Message message{std::string(100, 'x'), "", {}, ""};
    sdk::OutcomeHandler handler = [stream](const sdk::Outcome& outcome) {
      if (outcome.kind != sdk::Outcome::Kind::kLost) Feed(stream);
    };
    static_cast<void>(stream->TryDeliver(message, handler));
  }
};

}  // namespace

int main(int argc, char**) {
  sdk::Host host;
  if (argc > 1) {
    host.Register<Feeder>("feeder");
  } else {
    host.Register<Store>("bench");
    host.Register<memory_pubsub::Broker>("bench");
  }
  return host.Run();
}
