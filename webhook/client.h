#pragma once

// One client's connection as a state: it does what can be done without waiting, says what it waits
// for and until when, and shows each request that has arrived whole, to be answered.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "webhook/connection.h"
#include "webhook/http_engine.h"
#include "webhook/request_reader.h"
#include "webhook/server.h"
#include "webhook/socket.h"

namespace injector::webhook {

// What all clients of a server share.
struct ClientShared {
  const ServerOptions& options;
  std::function<void(int, std::string_view)> refused{};  // when set: of each, status and text
  std::atomic<std::size_t> held_bytes{0};  // of requests and answers, over all clients
};

// Threads: one at a time.
class Client {
 public:
  enum class Phase {
    kHandshake,
    kIdle,       // nothing of a request is here
    kReceiving,  // some of a request is here
    kAsking,     // a whole request is here and has no answer yet
    kWriting,    // the answer is on its way
    kLingering,  // refused: what still comes is thrown away, so that the answer is not lost
    kClosed,
  };

  // In: `connection` is over `socket`.
  Client(FileDescriptor socket, std::unique_ptr<Connection> connection, ClientShared& shared,
         TimePoint now);
  ~Client() { Close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Goes on as far as possible without an answer; call it when the socket has what Needs() says.
  void Advance(TimePoint now);
  // The deadline has passed: a request that is late is told so, anything else is closed.
  void GiveUp(TimePoint now);
  // The request to be answered. In: the phase is kAsking.
  [[nodiscard]] Exchange Request() const;
  // Sends the answer to it, `bytes`, and goes on as far as possible.
  void Finish(std::string_view bytes, Answer answer, TimePoint now);
  // Answers whatever has come with a refusal, then ends.
  void Refuse(int status, std::string_view text, TimePoint now);
  void Close();

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] TimePoint deadline() const { return deadline_; }
  // kNeedsInput or kNeedsOutput; kDone: to be advanced again without waiting.
  [[nodiscard]] IoStatus Needs() const { return needs_; }
  // Whether a request has ever arrived whole.
  [[nodiscard]] bool HasAsked() const { return has_asked_; }
  // How many answers have ended.
  [[nodiscard]] std::uint64_t Answers() const { return answers_; }
  // Whether it was refused: what it gets, and still sends, no longer matters much.
  [[nodiscard]] bool IsRefused() const { return refused_; }
  // Whether it is between two requests, and nothing of the next one is here.
  [[nodiscard]] bool IsQuiet() const;
  // Whether it lets the handshake wait: for too long since it came, or since it was answered, it
  // has sent nothing more.
  [[nodiscard]] bool DelaysHandshake(TimePoint now) const;

 private:
  void Shake(TimePoint now);
  void Welcome(TimePoint now);
  void Receive(TimePoint now);
  void ReceiveHeld(TimePoint now);
  void Take(std::string_view bytes, TimePoint now);
  void Send(TimePoint now);
  [[nodiscard]] std::size_t Write(std::string_view bytes);
  void EndAnswer(TimePoint now);
  void Rest(TimePoint now);
  void Discard();
  [[nodiscard]] bool HasInput() const;
  [[nodiscard]] bool SendInterim();
  void Hold(std::size_t bytes);
  [[nodiscard]] bool OverBudget() const;
  void TellWritten(bool whole);

  FileDescriptor socket_;
  std::unique_ptr<Connection> connection_;
  ClientShared& shared_;
  RequestReader reader_;
  std::optional<ArrivedRequest> request_;  // with kAsking
  std::string out_;                        // what has yet to leave
  std::size_t sent_ = 0;                   // of out_
  std::function<void(bool)> written_;
  std::size_t held_ = 0;  // of shared_.held_bytes
  TimePoint arrived_{};   // the first byte of the present request
  TimePoint shaken_{};    // when it was accepted; then, when its first flight was answered
  TimePoint deadline_{};
  Phase phase_ = Phase::kHandshake;
  IoStatus needs_ = IoStatus::kNeedsInput;
  bool shake_answered_ = false;
  std::uint64_t answers_ = 0;
  bool has_asked_ = false;
  bool ends_ = false;     // with the answer
  bool refused_ = false;  // so it lingers
};

}  // namespace injector::webhook
