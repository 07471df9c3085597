#include <algorithm>
#include <set>
#include <thread>

#include "components_pubsub.grpc.pb.h"
#include "runtime/conformance/check.h"
#include "runtime/conformance/raw_stream.h"
#include "runtime/pubsub.h"

namespace injector::runtime {
namespace {

using Pull = RawStream<pb::PubSub, pb::PullMessagesRequest, pb::PullMessagesResponse>;
using Message = pb::PullMessagesResponse;

// A broker with a topic of the check's own.
class Broker {
 public:
  Broker(const ConformanceOptions& options, const std::string& check)
      : options_(options),
        pubsub_(InstanceOf(options, check)),
        topic_("conformance-" + options.run + "-" + check) {}

  Result<void> Publish(const std::string& data, const std::string& topic = "") {
    pb::PublishRequest request;
    request.set_topic(topic.empty() ? topic_ : topic);
    request.set_data(data);
    return pubsub_.Publish(request);
  }
  // A stream without its first message; null when there is no session.
  std::unique_ptr<Pull> Open() {
    const auto session = pubsub_.instance().Use();
    if (!session) return nullptr;
    return std::make_unique<Pull>(pubsub_.instance(), **session,
                                  [](pb::PubSub::Stub& stub, grpc::ClientContext* context) {
                                    return stub.PullMessages(context);
                                  });
  }
  // Subscribes and returns when messages arrive: a broker may forget what comes before. What was
  // published to find that out is acknowledged.
  // Out: null when none arrives in time.
  std::unique_ptr<Pull> Subscribe(const std::string& topic = "") {
    const std::string& name = topic.empty() ? topic_ : topic;
    auto pull = Open();
    if (!pull) return nullptr;
    pb::PullMessagesRequest first;
    first.mutable_topic()->set_name(name);
    (void)pull->Write(first);
    const auto end = std::chrono::steady_clock::now() + options_.patience;
    std::optional<Message> got;
    while (!got && std::chrono::steady_clock::now() < end) {
      if (!Publish("ready", name)) return nullptr;
      got = pull->Next(options_.quiet);
    }
    if (!got) return nullptr;
    // A broker that sends them again and again shows in the check.
    const auto drained = std::chrono::steady_clock::now() + options_.patience;
    for (; got && std::chrono::steady_clock::now() < drained; got = pull->Next(options_.quiet))
      Ack(*pull, got->id());
    return pull;
  }
  static void Ack(Pull& pull, const std::string& id,
                  const std::optional<std::string>& error = std::nullopt) {
    pb::PullMessagesRequest request;
    request.set_ack_message_id(id);
    if (error) request.mutable_ack_error()->set_message(*error);
    (void)pull.Write(request);
  }
  std::optional<Message> Next(Pull& pull) { return pull.Next(options_.patience); }
  std::optional<Message> Unwanted(Pull& pull) { return pull.Next(options_.quiet); }

  [[nodiscard]] const std::string& topic() const { return topic_; }
  PubSub& operator*() { return pubsub_; }

 private:
  const ConformanceOptions& options_;
  PubSub pubsub_;
  std::string topic_;
};

const char kNothingCame[] = "a subscriber got nothing of what was published";

Finding PublishAlone(const ConformanceOptions& options) {
  Broker broker(options, "alone");
  const auto done = broker.Publish("nobody listens");
  return done ? Pass() : Broken("Publish without a subscriber", done.error());
}

Finding Deliver(const ConformanceOptions& options) {
  Broker broker(options, "deliver");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  std::string data = "bytes";
  data.push_back('\0');
  data.push_back('\xff');
  const auto published = broker.Publish(data);
  if (!published) return Broken("Publish", published.error());
  const auto message = broker.Next(*pull);
  if (!message) return Broken("the message did not come");
  Broker::Ack(*pull, message->id());
  if (message->data() != data) return Broken("the data came changed");
  if (message->topic_name() != broker.topic())
    return Broken("the message names topic \"" + message->topic_name() + "\" and not " +
                  broker.topic() + ": daprd finds no route for it");
  if (message->id().empty()) return Broken("the message has no id: it cannot be acknowledged");
  return Pass();
}

Finding UniqueIds(const ConformanceOptions& options) {
  constexpr int kMessages = 5;
  Broker broker(options, "ids");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  std::set<std::string> ids;
  int got = 0;
  for (int i = 0; i < kMessages; ++i) (void)broker.Publish(std::to_string(i));
  for (auto message = broker.Next(*pull); message; message = broker.Unwanted(*pull)) {
    ++got;
    if (!ids.insert(message->id()).second)
      return Broken("two messages that wait for their acks have the id " + message->id());
    if (got == kMessages) return Pass();
  }
  return got < 2 ? Absent("it sends one message at a time") : Pass();
}

Finding ManyOnTheWay(const ConformanceOptions& options) {
  Broker broker(options, "way");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  (void)broker.Publish("1");
  (void)broker.Publish("2");
  if (!broker.Next(*pull)) return Broken("the first message did not come");
  return broker.Unwanted(*pull) ? Pass() : Absent("it waits for each ack: ordered delivery");
}

Finding AcksInAnyOrder(const ConformanceOptions& options) {
  Broker broker(options, "order");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  (void)broker.Publish("1");
  (void)broker.Publish("2");
  const auto first = broker.Next(*pull);
  const auto second = broker.Unwanted(*pull);
  if (!first) return Broken("the first message did not come");
  if (!second) return Absent("it sends one message at a time");
  Broker::Ack(*pull, second->id());
  Broker::Ack(*pull, first->id());
  if (const auto again = broker.Unwanted(*pull))
    return Broken("after acks in another order, \"" + again->data() + "\" came once more");
  return pull->EndWithin(std::chrono::milliseconds(0)) ? Broken("the stream ended") : Pass();
}

Finding AckedIsDone(const ConformanceOptions& options) {
  Broker broker(options, "acked");
  auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  (void)broker.Publish("once");
  const auto message = broker.Next(*pull);
  if (!message) return Broken("the message did not come");
  Broker::Ack(*pull, message->id());
  if (broker.Unwanted(*pull)) return Broken("a message that was acknowledged came once more");
  pull.reset();
  pull = broker.Open();
  pb::PullMessagesRequest first;
  first.mutable_topic()->set_name(broker.topic());
  if (pull) (void)pull->Write(first);
  const auto again = pull ? broker.Unwanted(*pull) : std::nullopt;
  if (again && again->data() == "once")
    return Broken("a message that was acknowledged came once more on the next stream");
  return Pass();
}

Finding Rejected(const ConformanceOptions& options) {
  Broker broker(options, "rejected");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  (void)broker.Publish("again");
  const auto message = broker.Next(*pull);
  if (!message) return Broken("the message did not come");
  Broker::Ack(*pull, message->id(), "not processed");
  const auto again = broker.Next(*pull);
  if (pull->EndWithin(std::chrono::milliseconds(0)))
    return Broken("the stream ended when a message was not processed");
  if (!again) return Absent("what was not processed does not come again");
  Broker::Ack(*pull, again->id());
  return again->data() == "again" ? Pass() : Broken("another message came instead");
}

Finding LostStream(const ConformanceOptions& options) {
  Broker broker(options, "lost");
  auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  (void)broker.Publish("pending");
  if (!broker.Next(*pull)) return Broken("the message did not come");
  pull.reset();  // without an ack
  pull = broker.Open();
  if (!pull) return Broken("no stream after one was cancelled");
  pb::PullMessagesRequest first;
  first.mutable_topic()->set_name(broker.topic());
  (void)pull->Write(first);
  const auto again = broker.Next(*pull);
  if (!again) return Absent("what was not acknowledged when its stream ended does not come again");
  Broker::Ack(*pull, again->id());
  return Pass();
}

Finding UnknownAck(const ConformanceOptions& options) {
  Broker broker(options, "unknown");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  Broker::Ack(*pull, "no-such-id");
  (void)broker.Publish("after");
  const auto message = broker.Next(*pull);
  if (!message) return Broken("an ack with an unknown id ended the stream or stopped its messages");
  Broker::Ack(*pull, message->id());
  Broker::Ack(*pull, message->id());  // twice
  (void)broker.Publish("after two");
  const auto next = broker.Next(*pull);
  if (!next) return Broken("a second ack of one message ended the stream or stopped its messages");
  Broker::Ack(*pull, next->id());
  // Messages may overtake what is answered to acks.
  return pull->EndWithin(options.quiet) ? Broken("an unknown or repeated ack ended the stream")
                                        : Pass();
}

Finding TopicFirst(const ConformanceOptions& options) {
  Broker broker(options, "first");
  for (const bool empty_name : {false, true}) {
    const auto pull = broker.Open();
    if (!pull) return Broken("no stream could be opened");
    pb::PullMessagesRequest request;
    if (empty_name) request.mutable_topic();
    if (!empty_name) request.set_ack_message_id("x");
    (void)pull->Write(request);
    const auto status = pull->EndWithin(options.patience);
    const std::string what =
        empty_name ? "a first message with an empty topic" : "a first message without a topic";
    if (!status) return Broken(what + " is accepted");
    if (status->ok()) return Absent(what + " ends the stream with OK");
  }
  return Pass();
}

Finding TopicsApart(const ConformanceOptions& options) {
  Broker broker(options, "apart");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  const auto published = broker.Publish("elsewhere", broker.topic() + "-other");
  if (!published) return Broken("Publish", published.error());
  return broker.Unwanted(*pull) ? Broken("a message of another topic came") : Pass();
}

Finding ManyPublishers(const ConformanceOptions& options) {
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  Broker broker(options, "publishers");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&broker, i] {
      for (int n = 0; n < kEach; ++n)
        (void)broker.Publish(std::to_string(i) + "/" + std::to_string(n));
    });
  std::set<std::string> seen;
  const auto end = std::chrono::steady_clock::now() + 4 * options.patience;
  while (seen.size() < kThreads * kEach && std::chrono::steady_clock::now() < end) {
    const auto message = broker.Next(*pull);
    if (!message) break;
    Broker::Ack(*pull, message->id());
    seen.insert(message->data());
  }
  for (std::thread& thread : threads) thread.join();
  if (seen.size() == kThreads * kEach) return Pass();
  return Broken("of 200 messages of 8 publishers " + std::to_string(seen.size()) + " came");
}

Finding BulkPublish(const ConformanceOptions& options) {
  Broker broker(options, "bulk");
  const auto features = (*broker).Features();
  if (!features) return Broken("Features", features.error());
  if (std::find(features->begin(), features->end(), "BULK_PUBSUB") == features->end())
    return Absent("no feature BULK_PUBSUB: daprd publishes one by one");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  pb::BulkPublishRequest request;
  request.set_topic(broker.topic());
  for (const char* id : {"a", "b", "c"}) {
    auto& entry = *request.add_entries();
    entry.set_entry_id(id);
    entry.set_event(id);
  }
  const auto response = (*broker).BulkPublish(request);
  if (!response) return Broken("BulkPublish", response.error());
  if (response->failed_entries_size() != 0)
    return Broken("BulkPublish failed for an entry: " + response->failed_entries(0).error());
  for (int i = 0; i < request.entries_size(); ++i) {
    const auto message = broker.Next(*pull);
    if (!message) return Broken("of 3 entries " + std::to_string(i) + " came");
    Broker::Ack(*pull, message->id());
  }
  return Pass();
}

Finding Pause(const ConformanceOptions& options) {
  Broker broker(options, "pause");
  const auto pull = broker.Subscribe();
  if (!pull) return Broken(kNothingCame);
  const auto paused = (*broker).Pause();
  if (!paused && paused.error().kind == ErrorKind::kUnimplemented)
    return Absent("no Pause: daprd cancels the streams");
  if (!paused) return Broken("Pause", paused.error());
  (void)broker.Publish("paused");
  if (broker.Unwanted(*pull)) return Broken("a message came after Pause");
  if (pull->EndWithin(std::chrono::milliseconds(0))) return Broken("Pause ended the stream");
  const auto resumed = (*broker).Resume();
  if (!resumed) return Broken("Resume", resumed.error());
  const auto message = broker.Next(*pull);
  if (!message) return Broken("nothing came after Resume");
  Broker::Ack(*pull, message->id());
  return Pass();
}

Finding Ping(const ConformanceOptions& options) {
  Broker broker(options, "ping");
  const auto done = (*broker).Ping();
  return done ? Pass() : Broken("Ping", done.error());
}

}  // namespace

std::vector<Check> PubSubChecks() {
  return {
      {"pubsub/publish-alone", "publishing succeeds when nobody listens", PublishAlone},
      {"pubsub/deliver", "a message comes with its bytes, its topic and an id", Deliver},
      {"pubsub/ids", "ids are unique until they are acknowledged", UniqueIds},
      {"pubsub/on-the-way", "several messages may wait for their acks", ManyOnTheWay},
      {"pubsub/ack-order", "acks may come in any order", AcksInAnyOrder},
      {"pubsub/acked", "what was acknowledged does not come again", AckedIsDone},
      {"pubsub/rejected", "what was not processed comes again", Rejected},
      {"pubsub/lost-stream", "what was not acknowledged comes again on the next stream",
       LostStream},
      {"pubsub/unknown-ack", "unknown and repeated acks are ignored", UnknownAck},
      {"pubsub/topic-first", "a stream that does not begin with a topic is refused", TopicFirst},
      {"pubsub/topics-apart", "a stream gets messages of its topic alone", TopicsApart},
      {"pubsub/publishers", "8 publishers at once lose nothing", ManyPublishers},
      {"pubsub/bulk", "BulkPublish publishes every entry", BulkPublish},
      {"pubsub/pause", "Pause stops deliveries and keeps the streams; Resume lifts it", Pause},
      {"pubsub/ping", "Ping answers", Ping},
  };
}

}  // namespace injector::runtime
