#include "broker.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace memory_pubsub {

using component::Delivery;
using component::ErrorKind;
using component::Fail;
using component::Outcome;
using component::Properties;
using component::Result;

namespace {

// Reads the number `name` when it is there; `value` stays as it is otherwise.
Result<void> ReadNumber(const Properties& metadata, const char* name, std::size_t* value) {
  const auto found = metadata.find(name);
  if (found == metadata.end()) return {};
  const std::string& text = found->second;
  const auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (fault != std::errc() || stop != text.data() + text.size())
    return Fail(ErrorKind::kInvalidArgument,
                std::string(name) + " is \"" + text + "\", expected a number of 0 or more");
  return {};
}

// Puts the message back where it was: before everything that was published later.
template <typename Queue, typename Message>
void Requeue(Queue* queue, const Message& message) {
  const auto place = std::find_if(queue->begin(), queue->end(), [&](const auto& other) {
    return other->sequence > message->sequence;
  });
  queue->insert(place, message);
}

}  // namespace

Result<BrokerSettings> ParseSettings(const Properties& metadata) {
  BrokerSettings settings;
  std::size_t delay = 100;
  const std::pair<const char*, std::size_t*> numbers[] = {{"redeliveryDelay", &delay},
                                                          {"maxAttempts", &settings.max_attempts},
                                                          {"maxInFlight", &settings.max_in_flight},
                                                          {"maxQueued", &settings.max_queued}};
  for (const auto& [name, value] : numbers) {
    Result<void> read = ReadNumber(metadata, name, value);
    if (!read) return tl::unexpected(read.error());
  }
  settings.redelivery_delay = std::chrono::milliseconds(delay);
  const auto ordered = metadata.find("ordered");
  if (ordered != metadata.end() && ordered->second == "true") settings.max_in_flight = 1;
  return settings;
}

Broker::Broker() : redeliverer_([this] { RedeliverLoop(); }) {}

Broker::~Broker() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  redeliverer_.join();
}

Result<void> Broker::Init(const Properties& metadata) {
  Result<BrokerSettings> settings = ParseSettings(metadata);
  if (!settings) return tl::unexpected(settings.error());
  const std::lock_guard<std::mutex> lock(mutex_);
  settings_ = *settings;
  return {};
}

std::vector<component::PubSubFeature> Broker::Features() const {
  return {component::PubSubFeature::kBulkPublish};
}

Result<void> Broker::Publish(const component::PublishRequest& request) {
  auto message = std::make_shared<Queued>();
  message->message = {request.data, request.topic, request.metadata, request.content_type};
  const std::lock_guard<std::mutex> lock(mutex_);
  Topic& topic = topics_[request.topic];
  if (topic.queue.size() >= settings_.max_queued)
    return Fail(ErrorKind::kResourceExhausted, "topic " + request.topic + " already holds " +
                                                   std::to_string(settings_.max_queued) +
                                                   " messages");
  message->sequence = ++published_;
  topic.queue.push_back(std::move(message));
  Pump(request.topic, topic);
  return {};
}

Result<void> Broker::Subscribe(const component::Subscription& subscription,
                               std::shared_ptr<component::MessageStream> stream) {
  const std::string name = subscription.topic;
  // A stream's end shows as a closed stream at the next pump.
  stream->OnReady([this, name] { PumpTopic(name); });
  const std::lock_guard<std::mutex> lock(mutex_);
  stream->SetMaxInFlight(settings_.max_in_flight);
  Topic& topic = topics_[name];
  topic.streams.push_back(std::move(stream));
  Pump(name, topic);
  return {};
}

void Broker::PumpTopic(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Pump(name, topics_[name]);
}

void Broker::Pump(const std::string& name, Topic& topic) {
  std::erase_if(topic.streams, [](const auto& stream) { return !stream->IsOpen(); });
  while (!topic.held && !topic.queue.empty() && Offer(name, topic, topic.queue.front()))
    topic.queue.pop_front();
}

bool Broker::Offer(const std::string& name, Topic& topic, const QueuedPtr& queued) {
  for (std::size_t tried = 0; tried < topic.streams.size(); ++tried) {
    auto& stream = topic.streams[topic.next_stream++ % topic.streams.size()];
    component::Message copy = queued->message;
    component::OutcomeHandler handler = [this, name, queued](const Outcome& outcome) {
      Settle(name, queued, outcome);
    };
    const Delivery delivery = stream->TryDeliver(copy, handler);
    // A message that no runtime can receive would block its topic for ever.
    if (delivery == Delivery::kAccepted || delivery == Delivery::kTooLarge) return true;
  }
  return false;
}

void Broker::Settle(const std::string& name, const QueuedPtr& queued, const Outcome& outcome) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Topic& topic = topics_[name];
  if (outcome.kind == Outcome::Kind::kLost) {
    Requeue(&topic.queue, queued);
  } else if (outcome.kind == Outcome::Kind::kRejected) {
    ++queued->attempts;
    if (settings_.max_attempts == 0 || queued->attempts < settings_.max_attempts)
      RedeliverLater(name, topic, queued);
  }
  Pump(name, topic);
}

void Broker::RedeliverLater(const std::string& name, Topic& topic, const QueuedPtr& queued) {
  const bool ordered = settings_.max_in_flight == 1;
  if (ordered) {
    Requeue(&topic.queue, queued);
    topic.held = true;
  }
  later_.emplace(Clock::now() + settings_.redelivery_delay,
                 Later{name, ordered ? nullptr : queued});
  wake_.notify_one();
}

void Broker::RedeliverLoop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (later_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto first = later_.begin();
    if (first->first > Clock::now()) {
      wake_.wait_until(lock, first->first);
      continue;
    }
    Later due = std::move(first->second);
    later_.erase(first);
    Topic& topic = topics_[due.topic];
    topic.held = false;
    if (due.message) Requeue(&topic.queue, due.message);
    Pump(due.topic, topic);
  }
}

}  // namespace memory_pubsub
