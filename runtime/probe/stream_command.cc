#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <utility>

#include "runtime/probe/call_command.h"
#include "runtime/probe/target.h"

namespace injector::runtime {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

void AskToStop(int /*signal*/) {
  stop_asked = 1;
}

// Prints each message on a line and answers it.
class Printer {
 public:
  Printer(const Arguments& arguments, const Screen& screen)
      : arguments_(arguments), screen_(screen) {}

  void Take(const Delivery& delivery, const Answer& answer) {
    nlohmann::ordered_json value;
    value["id"] = delivery.id;
    if (!delivery.topic.empty()) value["topic"] = delivery.topic;
    PutBytes(value, "data", delivery.data);
    if (!delivery.content_type.empty()) value["contentType"] = delivery.content_type;
    if (!delivery.metadata.empty()) value["metadata"] = delivery.metadata;
    Reply reply;
    if (arguments_.reject) reply.error = "rejected by component-probe";
    const std::lock_guard<std::mutex> lock(mutex_);
    if (arguments_.count != 0 && taken_ == arguments_.count) return;  // the component's again
    screen_.Line(value);
    answer(reply);
    ++taken_;
    changed_.notify_all();
  }

  void Tell(const SubscriptionEvent& event) {
    if (event.kind == SubscriptionEvent::Kind::kOpened) {
      screen_.err << "component-probe: the stream is open\n" << std::flush;
      return;
    }
    screen_.err << "component-probe: " << event.message << "; trying again\n" << std::flush;
  }

  // Returns when --count messages were taken, or a signal came.
  void Await() {
    constexpr std::chrono::milliseconds kLook(100);  // a handler of signals cannot notify
    std::unique_lock<std::mutex> lock(mutex_);
    while (stop_asked == 0 && (arguments_.count == 0 || taken_ < arguments_.count))
      changed_.wait_for(lock, kLook);
  }

 private:
  const Arguments& arguments_;
  const Screen& screen_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t taken_ = 0;  // guarded by mutex_
};

}  // namespace

int RunStream(const Arguments& arguments, const Screen& screen) {
  const bool topic = arguments.command == Command::kSubscribe;
  auto target = FindTarget(arguments, topic ? Kind::kPubSub : Kind::kInputBinding);
  if (!target) return SayError(target.error(), screen);
  (void)std::signal(SIGINT, AskToStop);
  (void)std::signal(SIGTERM, AskToStop);
  Printer printer(arguments, screen);
  const DeliveryHandler take = [&](const Delivery& delivery, const Answer& answer) {
    printer.Take(delivery, answer);
  };
  SubscriptionOptions options;
  options.on_event = [&](const SubscriptionEvent& event) { printer.Tell(event); };
  if (topic) {
    PubSub pubsub(std::move(target->spec), std::move(target->topics));
    if (const auto ready = pubsub.Init(); !ready) return SayError(ready.error(), screen);
    const auto subscription =
        pubsub.Subscribe(arguments.words.at(0), arguments.metadata, take, options);
    if (!subscription) return SayError(subscription.error(), screen);
    printer.Await();
    (*subscription)->Stop();
    return kExitDone;
  }
  InputBinding binding(std::move(target->spec));
  if (const auto ready = binding.Init(); !ready) return SayError(ready.error(), screen);
  const auto subscription = binding.Read(take, options);
  printer.Await();
  subscription->Stop();
  return kExitDone;
}

}  // namespace injector::runtime
