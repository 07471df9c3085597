#include "outgoing_stream.h"

#include <charconv>
#include <map>
#include <utility>

namespace dapr::component {
namespace {

// At least the bytes of the message on the wire: tags and lengths are at most 12 bytes a field.
std::size_t WireBytes(const Message& message) {
  constexpr std::size_t kFieldOverhead = 12;
  std::size_t bytes =
      message.data.size() + message.topic.size() + message.content_type.size() + 6 * kFieldOverhead;
  for (const auto& [name, value] : message.metadata)
    bytes += name.size() + value.size() + 3 * kFieldOverhead;
  return bytes;
}

std::uint64_t ParseId(const std::string& text) {
  std::uint64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, id);
  return fault == std::errc() && stop == end ? id : 0;  // ids begin with 1
}

}  // namespace

OutgoingStream::OutgoingStream(StreamTransport* transport, std::shared_ptr<ServerCore> core)
    : core_(std::move(core)), transport_(transport) {
  ++core_->metrics.Streams().open_streams;
}

Delivery OutgoingStream::Admit(Message& message, OutcomeHandler& handler) {
  if (transport_ == nullptr) return Delivery::kClosed;
  const std::size_t bytes = WireBytes(message);
  if (bytes > kMaxResponseBytes) {
    core_->Log(LogLevel::kError, "a message of " + std::to_string(bytes) +
                                     " bytes was refused: the runtime receives at most 4194304 "
                                     "(4 MiB)");
    return Delivery::kTooLarge;
  }
  if (paused_ || !HasRoom()) {
    wanted_ = true;
    return paused_ ? Delivery::kPaused : Delivery::kFull;
  }
  const std::uint64_t id = next_id_++;
  pending_.emplace(id, std::move(handler));
  ++core_->metrics.Streams().delivered;
  ++core_->metrics.Streams().in_flight;
  if (message.topic.empty()) message.topic = topic_;
  transport_->Send(id, std::move(message));
  return Delivery::kAccepted;
}

Delivery OutgoingStream::TryDeliver(Message& message, OutcomeHandler& handler) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Admit(message, handler);
}

Delivery OutgoingStream::Deliver(Message message, OutcomeHandler handler) {
  for (;;) {
    const Delivery delivery = TryDeliver(message, handler);
    if (delivery != Delivery::kFull && delivery != Delivery::kPaused) return delivery;
    std::unique_lock<std::mutex> lock(mutex_);
    room_.wait(lock, [this] { return transport_ == nullptr || (!paused_ && HasRoom()); });
  }
}

void OutgoingStream::SetMaxInFlight(std::size_t limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  limit_ = limit == 0 ? 1 : limit;
  room_.notify_all();
}

void OutgoingStream::OnReady(std::function<void()> handler) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ready_ = std::make_shared<const std::function<void()>>(std::move(handler));
}

bool OutgoingStream::IsOpen() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return transport_ != nullptr;
}

void OutgoingStream::Settle(const std::string& id, Outcome outcome) {
  OutcomeHandler handler;
  StreamMetrics& metrics = core_->metrics.Streams();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = pending_.find(ParseId(id));
    if (found == pending_.end()) {
      ++metrics.unknown_acks;
      core_->Log(LogLevel::kWarning, "acknowledgement of an unknown or settled message ignored");
      return;
    }
    handler = std::move(found->second);
    pending_.erase(found);
    settling_ = std::this_thread::get_id();
  }
  --metrics.in_flight;
  ++(outcome.kind == Outcome::Kind::kProcessed ? metrics.processed : metrics.rejected);
  // Settle is called from one read after the other: no second thread settles meanwhile.
  Tell(handler, outcome);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    settling_ = {};
    room_.notify_one();
  }
  NotifyReady();
}

bool OutgoingStream::HasRoom() const {
  const bool held = settling_ != std::thread::id() && settling_ != std::this_thread::get_id();
  return pending_.size() + (held ? 1 : 0) < limit_;
}

void OutgoingStream::Tell(const OutcomeHandler& handler, const Outcome& outcome) const {
  if (!handler) return;
  const Result<void> told = Guarded([&]() -> Result<void> {
    handler(outcome);
    return {};
  });
  if (!told) core_->Log(LogLevel::kError, "in an outcome handler " + told.error().message);
}

void OutgoingStream::NotifyReady() {
  std::shared_ptr<const std::function<void()>> ready;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool room = wanted_ && !paused_ && HasRoom();
    if (transport_ != nullptr && !room) return;
    wanted_ = false;
    ready = ready_;
  }
  if (!ready || !*ready) return;
  const Result<void> told = Guarded([&]() -> Result<void> {
    (*ready)();
    return {};
  });
  if (!told) core_->Log(LogLevel::kError, "in a ready handler " + told.error().message);
}

void OutgoingStream::SetPaused(bool paused) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    paused_ = paused || draining_;
    room_.notify_all();
  }
  if (!paused) NotifyReady();
}

void OutgoingStream::Close(const Error& error) {
  End(&error, error.message);
}

void OutgoingStream::CloseQuietly() {
  End(nullptr, "the component stopped");
}

void OutgoingStream::Detach(const std::string& reason) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (transport_ != nullptr) LosePending(std::move(lock), reason);
}

void OutgoingStream::End(const Error* error, const std::string& reason) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (transport_ == nullptr) return;
  transport_->Finish(error);
  LosePending(std::move(lock), reason);
}

void OutgoingStream::LosePending(std::unique_lock<std::mutex> lock, const std::string& reason) {
  transport_ = nullptr;
  // By id: components that redeliver get the messages back in the order of their delivery.
  std::map<std::uint64_t, OutcomeHandler> lost;
  for (auto& [id, handler] : pending_) lost.emplace(id, std::move(handler));
  pending_.clear();
  room_.notify_all();
  lock.unlock();
  StreamMetrics& metrics = core_->metrics.Streams();
  --metrics.open_streams;
  metrics.in_flight -= static_cast<std::int64_t>(lost.size());
  metrics.lost += lost.size();
  for (auto& [id, handler] : lost) Tell(handler, {Outcome::Kind::kLost, reason});
  NotifyReady();
  // The handler often holds the stream itself: no circle may stay behind.
  lock.lock();
  ready_ = nullptr;
}

void OutgoingStream::Drain() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    draining_ = true;
  }
  SetPaused(true);
}

std::size_t OutgoingStream::Pending() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return pending_.size();
}

void StreamGroup::Add(const std::shared_ptr<OutgoingStream>& stream) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(streams_, [](const auto& known) { return known.expired(); });
  streams_.push_back(stream);
  if (paused_) stream->SetPaused(true);
}

void StreamGroup::SetPaused(bool paused) {
  std::vector<std::shared_ptr<OutgoingStream>> streams;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    paused_ = paused;
  }
  for (const auto& stream : Streams()) stream->SetPaused(paused);
}

std::vector<std::shared_ptr<OutgoingStream>> StreamGroup::Streams() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::shared_ptr<OutgoingStream>> streams;
  for (const auto& known : streams_)
    if (auto stream = known.lock()) streams.push_back(std::move(stream));
  return streams;
}

}  // namespace dapr::component
