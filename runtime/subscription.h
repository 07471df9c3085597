#pragma once

// A stream of messages from a component that lives on: when it breaks, or the component restarts,
// it is opened again. PullMessages of pub/sub and Read of input bindings.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runtime/instance.h"

namespace injector::runtime {

struct Delivery {
  std::string data;
  std::string topic;  // of pub/sub
  Properties metadata;
  std::string content_type;
  std::string id;
};

// What the application made of a message.
struct Reply {
  std::string data = {};                  // for input bindings
  std::optional<std::string> error = {};  // present: not processed
};

// Acknowledges one message. May be called later and from any thread, once; a reply whose stream has
// ended meanwhile goes nowhere, as the message is the component's again.
using Answer = std::function<void(const Reply&)>;

// Called one message after the other, as daprd 1.18 does. It need not answer before it returns, so
// that several are on their way, as with daprd 1.14.
using DeliveryHandler = std::function<void(const Delivery&, const Answer&)>;

struct SubscriptionEvent {
  enum class Kind { kOpened, kEnded, kRefused } kind;
  std::string message;  // why it ended, or could not be opened
};
using EventHandler = std::function<void(const SubscriptionEvent&)>;

struct SubscriptionOptions {
  bool reopen = true;                          // else one stream, and no more after it
  std::chrono::milliseconds first_pause{100};  // before the stream is opened again; doubles
  std::chrono::milliseconds longest_pause{5000};
  EventHandler on_event = {};  // called from the subscription's thread
};

class Subscription {
 public:
  virtual ~Subscription() = default;  // as Stop()
  // Cancels the stream and returns when no handler runs any more. Not from within a handler.
  virtual void Stop() = 0;
};

// PullMessages for one topic. `instance` must outlive the subscription.
[[nodiscard]] std::unique_ptr<Subscription> SubscribeTopic(Instance& instance,
                                                           const std::string& topic,
                                                           const Properties& metadata,
                                                           DeliveryHandler handler,
                                                           SubscriptionOptions options);

// Read. daprd sends nothing first: the component begins.
[[nodiscard]] std::unique_ptr<Subscription> ReadBinding(Instance& instance, DeliveryHandler handler,
                                                        SubscriptionOptions options);

}  // namespace injector::runtime
