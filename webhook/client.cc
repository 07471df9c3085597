#include "webhook/client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace injector::webhook {
namespace {

constexpr std::size_t kReadBytes = 16384;        // one TLS record
constexpr std::size_t kMostReadAtOnce = 262144;  // then the other clients have their turn,
constexpr int kMostReads = 32;                   // also when each of its records holds a byte
constexpr std::size_t kSmallRequest = 65536;
constexpr std::chrono::seconds kLinger(2);

}  // namespace

Client::Client(FileDescriptor socket, std::unique_ptr<Connection> connection, ClientShared& shared,
               TimePoint now)
    : socket_(std::move(socket)),
      connection_(std::move(connection)),
      shared_(shared),
      reader_(shared.options.max_body),
      shaken_(now),
      deadline_(now + shared.options.handshake_timeout) {
  if (shared.options.certificate == nullptr) Welcome(now);
}

void Client::Advance(TimePoint now) {
  if (phase_ == Phase::kHandshake) {
    Shake(now);
  } else if (phase_ == Phase::kWriting) {
    Send(now);
    ReceiveHeld(now);
  } else if (phase_ == Phase::kLingering) {
    Discard();
  } else if (phase_ == Phase::kIdle || phase_ == Phase::kReceiving) {
    Receive(now);
  }
}

void Client::Shake(TimePoint now) {
  needs_ = connection_->Handshake();
  if (needs_ == IoStatus::kClosed) return Close();
  if (needs_ == IoStatus::kDone) {
    Welcome(now);
    return ReceiveHeld(now);
  }
  if (shake_answered_ || !connection_->HasSent()) return;
  shake_answered_ = true;
  shaken_ = std::chrono::steady_clock::now();  // the time that we took is not the client's
}

// Goes on with what has been taken from the socket already, of which nobody will tell.
void Client::ReceiveHeld(TimePoint now) {
  const bool receives = phase_ == Phase::kIdle || phase_ == Phase::kReceiving;
  if (receives && connection_->HoldsInput()) Receive(now);
}

void Client::Welcome(TimePoint now) {
  phase_ = Phase::kIdle;
  needs_ = IoStatus::kNeedsInput;
  deadline_ = now + shared_.options.head_timeout;
}

void Client::Receive(TimePoint now) {
  std::array<char, kReadBytes> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled
  std::size_t count = 0;
  for (int i = 0; i < kMostReads && count < kMostReadAtOnce; ++i) {
    const IoResult read = connection_->Read(buffer.data(), buffer.size());
    if (read.status == IoStatus::kClosed) return Close();
    needs_ = read.status;
    if (read.status != IoStatus::kDone) return;
    count += read.size;
    Take(std::string_view(buffer.data(), read.size), now);
    if (phase_ != Phase::kReceiving) return;
  }
  needs_ = IoStatus::kDone;
}

// Takes bytes of a request.
void Client::Take(std::string_view bytes, TimePoint now) {
  const ServerOptions& options = shared_.options;
  if (phase_ == Phase::kIdle) {
    phase_ = Phase::kReceiving;
    arrived_ = now;
    deadline_ = now + std::min(options.head_timeout, options.request_timeout);
  }
  const auto whole = reader_.Feed(bytes);
  if (!whole) return Refuse(whole.error().status, whole.error().text, now);
  Hold(reader_.HeldBytes());
  if (OverBudget()) return Refuse(503, "too many requests in flight", now);
  if (*whole) {
    request_ = reader_.Take();
    has_asked_ = true;
    deadline_ = now + options.write_timeout;  // until then it must take output
    phase_ = Phase::kAsking;
    needs_ = IoStatus::kDone;
    return;
  }
  if (reader_.HasHead()) deadline_ = arrived_ + options.request_timeout;
  if (reader_.TakeWishToContinue() && !SendInterim()) Close();
}

// A few bytes always fit, unless the client sends without reading what it gets.
bool Client::SendInterim() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  return connection_->Write(kContinue).size == kContinue.size();
}

Exchange Client::Request() const {
  return {.head = request_->Head(), .body = request_->Body(), .arrived = arrived_};
}

void Client::Finish(std::string_view bytes, Answer answer, TimePoint now) {
  written_ = std::move(answer.written);
  ends_ = answer.close;
  phase_ = Phase::kWriting;
  deadline_ = now + shared_.options.write_timeout;
  request_.reset();
  const std::size_t sent = Write(bytes);
  if (phase_ == Phase::kClosed) return;
  if (sent < bytes.size()) {
    Hold(bytes.size() - sent + reader_.HeldBytes());
    // There is no memory to keep it until it is read, and TLS writes nothing else before it.
    if (OverBudget()) return Close();
    out_ = bytes.substr(sent);
    return;
  }
  EndAnswer(now);
  ReceiveHeld(now);
}

void Client::Refuse(int status, std::string_view text, TimePoint now) {
  if (phase_ == Phase::kClosed) return;
  if (shared_.refused) shared_.refused(status, text);
  out_ = RefusalBytes(status, text);
  ends_ = true;
  refused_ = true;
  phase_ = Phase::kWriting;
  deadline_ = now + shared_.options.write_timeout;
  reader_.Clear();
  request_.reset();
  Hold(out_.size());
  Send(now);
}

void Client::Send(TimePoint now) {
  sent_ += Write(std::string_view(out_).substr(sent_));
  if (phase_ == Phase::kClosed || sent_ < out_.size()) return;
  sent_ = 0;
  std::string().swap(out_);  // an assignment would keep the memory
  EndAnswer(now);
}

// Returns how many bytes have left; when not all, needs_ says why.
std::size_t Client::Write(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const IoResult wrote = connection_->Write(bytes.substr(sent));
    if (wrote.status == IoStatus::kClosed) {
      Close();
      return sent;
    }
    needs_ = wrote.status;
    if (wrote.status != IoStatus::kDone) return sent;
    sent += wrote.size;
  }
  return sent;
}

void Client::EndAnswer(TimePoint now) {
  TellWritten(true);
  ++answers_;
  if (refused_) {
    connection_->FinishWriting();
    phase_ = Phase::kLingering;
    needs_ = IoStatus::kNeedsInput;
    deadline_ = now + kLinger;
    Hold(0);
  } else if (ends_) {
    Close();
  } else {
    Rest(now);
  }
}

// A next request may already be here.
void Client::Rest(TimePoint now) {
  phase_ = Phase::kIdle;
  needs_ = IoStatus::kNeedsInput;
  deadline_ = now + shared_.options.idle_timeout;
  Hold(reader_.HeldBytes());
  if (reader_.HasBegun()) Take("", now);
}

void Client::Discard() {
  std::array<char, kReadBytes> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) Close();
}

bool Client::HasInput() const {
  char byte = 0;
  return ::recv(socket_.get(), &byte, 1, MSG_PEEK) == 1;
}

bool Client::IsQuiet() const {
  return phase_ == Phase::kIdle && needs_ == IoStatus::kNeedsInput && !HasInput();
}

bool Client::DelaysHandshake(TimePoint now) const {
  return phase_ == Phase::kHandshake && now - shaken_ >= shared_.options.handshake_patience &&
         !HasInput();
}

void Client::GiveUp(TimePoint now) {
  if (phase_ == Phase::kReceiving) return Refuse(408, "the request did not arrive in time", now);
  Close();
}

void Client::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  connection_->FinishWriting();
  connection_.reset();
  socket_ = FileDescriptor();
  Hold(0);
  TellWritten(false);
}

// From now on `bytes` are in memory for this client.
void Client::Hold(std::size_t bytes) {
  shared_.held_bytes.fetch_add(bytes - held_, std::memory_order_relaxed);  // wraps when it is less
  held_ = bytes;
}

// A quarter of the budget is for small requests, so that a few large ones cannot keep all out.
bool Client::OverBudget() const {
  const std::size_t budget = shared_.options.max_inflight_bytes;
  return shared_.held_bytes.load(std::memory_order_relaxed) >
         (held_ > kSmallRequest ? budget / 4 * 3 : budget);
}

void Client::TellWritten(bool whole) {
  if (const auto written = std::exchange(written_, nullptr)) written(whole);
}

}  // namespace injector::webhook
