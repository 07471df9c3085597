// A program for tests of how a component ends. Every instance feeds numbered messages to its
// subscriptions and writes each acknowledged one to the file named by its argument, before anything
// else can happen. Publishing to the topic "for ever" never returns.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "dapr_component_sdk/host.h"

namespace {

namespace sdk = dapr::component;

class Journal : public sdk::PubSub {
 public:
  Journal(int file, std::string instance) : file_(file), instance_(std::move(instance)) {}

  sdk::Result<void> Init(const sdk::Properties&) override { return {}; }
  sdk::Result<void> Publish(const sdk::PublishRequest& request) override {
    if (request.topic != "for ever") return {};
    std::fputs("a call for ever\n", stderr);
    for (;;) ::pause();
  }
  sdk::Result<void> Subscribe(const sdk::Subscription& subscription,
                              std::shared_ptr<sdk::MessageStream> stream) override {
    stream->SetMaxInFlight(4);
    auto next = std::make_shared<std::atomic<int>>(0);
    for (int i = 0; i < 4; ++i) Feed(stream, subscription.topic, next);
    return {};
  }

 private:
  void Feed(const std::shared_ptr<sdk::MessageStream>& stream, const std::string& topic,
            const std::shared_ptr<std::atomic<int>>& next) {
    const std::string name = instance_ + "/" + topic + "/" + std::to_string(++*next);
    sdk::Message message{name, "", {}, ""};
    sdk::OutcomeHandler handler = [this, stream, topic, next, name](const sdk::Outcome& outcome) {
      if (outcome.kind == sdk::Outcome::Kind::kProcessed) {
        const std::string line = name + "\n";
        if (::write(file_, line.data(), line.size()) < 0) return;
      }
      if (outcome.kind != sdk::Outcome::Kind::kLost) Feed(stream, topic, next);
    };
    static_cast<void>(stream->TryDeliver(message, handler));
  }

  const int file_;
  const std::string instance_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int file = ::open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return 2;
  sdk::HostOptions options;
  options.grace = std::chrono::seconds(1);
  sdk::Host host(options);
  host.Register("journal", [file](const std::string& instance) {
    return std::make_unique<Journal>(file, instance);
  });
  return host.Run();
}
