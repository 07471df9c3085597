#pragma once
// The way of messages from a component to the runtime, and of their acknowledgements back.
// Pub/sub subscriptions and input bindings use it alike: one stream per subscription.

#include <cstddef>
#include <functional>
#include <string>

#include "dapr_component_sdk/error.h"

namespace dapr::component {

struct Message {
  std::string data;
  std::string topic;  // pub/sub: empty means the topic subscribed to; bindings: not sent
  Properties metadata;
  std::string content_type;
};

// What became of one delivered message.
struct Outcome {
  enum class Kind {
    kProcessed,  // acknowledged: the message is done
    kRejected,   // the application failed; redeliver or drop as the component sees fit
    kLost,       // the stream ended first: nobody knows whether it was processed; redeliver
  };
  Kind kind = Kind::kLost;
  std::string text;  // kProcessed: what a binding's application answered; else the reason
};

using OutcomeHandler = std::function<void(const Outcome&)>;

enum class Delivery {
  kAccepted,  // the outcome handler will be called exactly once
  kFull,      // max_in_flight messages wait for their outcome
  kPaused,    // the runtime asked for a pause
  kClosed,    // the stream has ended; it will take no message any more
  kTooLarge,  // over the 4 MiB that the runtime can receive: it would break the stream
};

class MessageStream {
 public:
  virtual ~MessageStream() = default;

  // Offers a message without waiting.
  // Out: only kAccepted moves from `message` and keeps `handler`; otherwise both are untouched.
  // Threads: safe from any thread, also inside an outcome handler. Handlers run on a thread of
  // the SDK, one at a time per stream, and may come before TryDeliver returns.
  [[nodiscard]] virtual Delivery TryDeliver(Message& message, OutcomeHandler& handler) = 0;

  // As TryDeliver, but blocks while the stream is full or paused; never returns kFull or kPaused.
  // Not inside an outcome or ready handler: nobody would be left to make room.
  [[nodiscard]] virtual Delivery Deliver(Message message, OutcomeHandler handler) = 0;

  // How many messages may wait for their outcome at once; 256 at first. 1 is ordered delivery:
  // the next message leaves after the outcome handler of the one before has returned, unless that
  // handler delivers it itself.
  virtual void SetMaxInFlight(std::size_t limit) = 0;

  // Has `handler` called whenever a delivery may succeed again after kFull or kPaused, and once
  // when the stream has ended (then IsOpen() is false). Replaces the handler before.
  virtual void OnReady(std::function<void()> handler) = 0;

  [[nodiscard]] virtual bool IsOpen() const = 0;

  // Ends the stream with the error; pending messages are lost. The runtime does not reopen it.
  virtual void Close(const Error& error) = 0;
};

}  // namespace dapr::component
