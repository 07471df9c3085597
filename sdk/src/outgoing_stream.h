#pragma once
// The SDK's MessageStream: the acknowledgement manager of one stream. It knows which messages
// wait for their outcome, and settles each exactly once; the gRPC call below it is a
// StreamTransport that it outlives.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "dapr_component_sdk/message_stream.h"
#include "server_core.h"

namespace dapr::component {

// Below an OutgoingStream, called with its lock held: must not call back.
class StreamTransport {
 public:
  virtual ~StreamTransport() = default;
  virtual void Send(std::uint64_t id, Message message) = 0;
  // Ends the call; null: with OK. Afterwards the transport may be gone at any time.
  virtual void Finish(const Error* error) = 0;
};

class OutgoingStream final : public MessageStream {
 public:
  OutgoingStream(StreamTransport* transport, std::shared_ptr<ServerCore> core);

  [[nodiscard]] Delivery TryDeliver(Message& message, OutcomeHandler& handler) override;
  [[nodiscard]] Delivery Deliver(Message message, OutcomeHandler handler) override;
  void SetMaxInFlight(std::size_t limit) override;
  void OnReady(std::function<void()> handler) override;
  [[nodiscard]] bool IsOpen() const override;
  void Close(const Error& error) override;

  // The topic of messages that name none. Before the stream is handed out.
  void SetTopic(std::string topic) { topic_ = std::move(topic); }
  // Settles the message with this wire id; an unknown or settled one is counted and ignored.
  void Settle(const std::string& id, Outcome outcome);
  void SetPaused(bool paused);
  // Takes no more messages; outcomes still come.
  void Drain();
  // Ends the stream with OK.
  void CloseQuietly();
  // The transport has ended: pending messages are lost, nothing is sent any more. Idempotent.
  void Detach(const std::string& reason);
  [[nodiscard]] std::size_t Pending() const;

 private:
  [[nodiscard]] Delivery Admit(Message& message, OutcomeHandler& handler);
  void End(const Error* error, const std::string& reason);
  void LosePending(std::unique_lock<std::mutex> lock, const std::string& reason);
  // With mutex_ held: whether this thread may deliver now.
  [[nodiscard]] bool HasRoom() const;
  // Calls the component; what it throws is logged, since nothing else may be skipped for it.
  void Tell(const OutcomeHandler& handler, const Outcome& outcome) const;
  void NotifyReady();

  const std::shared_ptr<ServerCore> core_;
  std::string topic_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  StreamTransport* transport_;  // guarded by mutex_, as what follows; null: closed
  std::unordered_map<std::uint64_t, OutcomeHandler> pending_;
  std::uint64_t next_id_ = 1;
  std::size_t limit_ = 256;
  // While an outcome handler runs, its message's place is free for the handler's own thread only:
  // another thread's message would overtake the one that the handler may deliver again.
  std::thread::id settling_;
  bool paused_ = false;
  bool draining_ = false;  // paused for good
  bool wanted_ = false;    // an offer was refused since the last ready call
  std::shared_ptr<const std::function<void()>> ready_;
};

// The streams of one instance. Safe from any thread.
class StreamGroup {
 public:
  void Add(const std::shared_ptr<OutgoingStream>& stream);
  // Also for streams that are added later.
  void SetPaused(bool paused);
  [[nodiscard]] std::vector<std::shared_ptr<OutgoingStream>> Streams();

 private:
  std::mutex mutex_;
  bool paused_ = false;                                 // guarded by mutex_
  std::vector<std::weak_ptr<OutgoingStream>> streams_;  // guarded by mutex_
};

}  // namespace dapr::component
