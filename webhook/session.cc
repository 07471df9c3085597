#include "webhook/session.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "webhook/certificate.h"
#include "webhook/tls_connection.h"

namespace injector::webhook {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 16384;    // one TLS record
constexpr std::size_t kMostAtOnce = 262144;  // grows the buffer of a large body in steps
constexpr std::size_t kKeptBytes = 65536;    // buffers above this are given back after a request
constexpr std::chrono::seconds kLinger(2);   // for a client that still sends what was refused

constexpr int kClientIsGone = 0;  // a fault without an answer, as nobody would read it

tl::unexpected<FramingFault> Fault(int status, std::string text) {
  return tl::unexpected<FramingFault>(FramingFault{status, std::move(text)});
}

void GiveBack(std::string& buffer) {
  if (buffer.capacity() <= kKeptBytes) return;
  std::string rest(buffer);
  buffer.swap(rest);
}

std::unique_ptr<Connection> Connect(int socket, const ServingCertificate* certificate) {
  if (certificate == nullptr) return MakePlainConnection(socket);
  return MakeTlsConnection(socket, certificate->Context());
}

// Closing a socket with bytes unread makes the system reset the connection, and the answer may be
// lost on its way; so what still comes is thrown away for a while.
void Linger(int socket) {
  const TimePoint deadline = steady_clock::now() + kLinger;
  std::array<char, kReadBytes> waste;
  while (WaitFor(socket, POLLIN, deadline) && steady_clock::now() < deadline) {
    if (::recv(socket, waste.data(), waste.size(), 0) <= 0) return;
  }
}

}  // namespace

Session::Session(FileDescriptor socket, SessionShared& shared)
    : socket_(std::move(socket)), shared_(shared) {
  SetIdle(true);
}

void Session::Run() {
  connection_ = Connect(socket_.get(), shared_.options.certificate);
  if (connection_ == nullptr) return;
  if (connection_->Handshake(steady_clock::now() + shared_.options.handshake_timeout)) {
    bool first = true;
    while (AwaitRequest(first) && ServeOne()) first = false;
  }
  connection_->FinishWriting();
}

void Session::EndWhenIdle() {
  ::shutdown(socket_.get(), SHUT_RD);
}

void Session::Abort() {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

void Session::Close() {
  connection_.reset();
  socket_ = FileDescriptor();
}

void Session::SetIdle(bool idle) {
  idle_since_.store(idle ? steady_clock::now().time_since_epoch().count() : 0);
}

// Waits for a request and reads its first bytes. False: the connection is over.
bool Session::AwaitRequest(bool first) {
  if (!in_.empty()) return true;
  const auto& options = shared_.options;
  const auto patience = first ? options.handshake_timeout : options.idle_timeout;
  if (!connection_->AwaitInput(shared_.stop, steady_clock::now() + patience)) return false;
  in_.resize(kReadBytes);
  const ReadOutcome outcome =
      connection_->Read(in_.data(), in_.size(), steady_clock::now() + options.request_timeout);
  in_.resize(outcome.size);
  return outcome.status == ReadStatus::kData;
}

// True: the connection goes on.
bool Session::ServeOne() {
  SetIdle(false);
  const TimePoint arrived = steady_clock::now();
  const TimePoint deadline = arrived + shared_.options.request_timeout;
  const auto head = ReadHead(deadline);
  const auto body = head ? ReadBody(*head, deadline) : FramingResult<void>{};
  if (head && body) {
    const bool goes_on = Respond(*head, arrived);
    Forget(head->size + (head->chunked ? 0 : head->content_length));
    return goes_on;
  }
  Refuse(head ? body.error() : head.error());
  Forget(in_.size());
  return false;
}

FramingResult<RequestHead> Session::ReadHead(TimePoint deadline) {
  while (true) {
    auto framed = FrameRequest(in_, shared_.options.max_body);
    if (!framed) return tl::unexpected(std::move(framed).error());
    if (*framed) return **framed;
    if (auto more = ReadMore(kReadBytes, deadline); !more) {
      return tl::unexpected(std::move(more).error());
    }
  }
}

FramingResult<void> Session::ReadBody(const RequestHead& head, TimePoint deadline) {
  const std::size_t whole = head.size + head.content_length;
  const bool has_body = head.chunked || head.content_length > 0;
  if (head.expects_continue && has_body && in_.size() == head.size &&
      !connection_->Write("HTTP/1.1 100 Continue\r\n\r\n", deadline)) {
    return Fault(kClientIsGone, "");
  }
  if (head.chunked) return ReadChunks(head.size, deadline);
  while (in_.size() < whole) {
    if (auto more = ReadMore(whole - in_.size(), deadline); !more) return more;
  }
  return {};
}

FramingResult<void> Session::ReadChunks(std::size_t head_size, TimePoint deadline) {
  ChunkedBody body(shared_.options.max_body);
  while (true) {
    const auto used = body.Feed(std::string_view(in_).substr(head_size), chunks_);
    if (!used) return tl::unexpected(used.error());
    in_.erase(head_size, *used);
    if (body.Complete()) return {};
    if (auto more = ReadMore(kReadBytes, deadline); !more) return more;
  }
}

// Appends at least one byte to in_. In: `hint` bytes are expected.
FramingResult<void> Session::ReadMore(std::size_t hint, TimePoint deadline) {
  const std::size_t before = in_.size();
  in_.resize(before + std::clamp(hint, kReadBytes, kMostAtOnce));
  const ReadOutcome outcome = connection_->Read(in_.data() + before, in_.size() - before, deadline);
  in_.resize(before + outcome.size);
  if (outcome.status == ReadStatus::kClosed) return Fault(kClientIsGone, "");
  if (outcome.status == ReadStatus::kTimedOut) {
    return Fault(408, "the request did not arrive in time");
  }
  if (!shared_.inflight.Take(outcome.size)) return Fault(503, "too many requests in flight");
  held_ += outcome.size;
  return {};
}

bool Session::Respond(const RequestHead& head, TimePoint arrived) {
  const std::string_view bytes(in_);
  const Exchange exchange{.head = bytes.substr(0, head.size),
                          .body = head.chunked ? std::string_view(chunks_)
                                               : bytes.substr(head.size, head.content_length),
                          .arrived = arrived,
                          .close = shared_.draining.load()};
  const auto answer = shared_.engine.Process(exchange, out_);
  // Before the client can know of the answer: from then on it sees an idle connection.
  SetIdle(true);
  const bool sent = connection_->Write(out_, steady_clock::now() + shared_.options.write_timeout);
  if (answer.written) answer.written(sent);
  return sent && !answer.close;
}

void Session::Refuse(const FramingFault& fault) {
  if (fault.status == kClientIsGone) return;
  const TimePoint deadline = steady_clock::now() + shared_.options.write_timeout;
  if (!connection_->Write(RefusalBytes(fault.status, fault.text), deadline)) return;
  connection_->FinishWriting();
  Linger(socket_.get());
}

// Drops the request just answered, `used` bytes of in_, and what it held.
void Session::Forget(std::size_t used) {
  in_.erase(0, used);
  chunks_.clear();
  out_.clear();
  GiveBack(in_);
  GiveBack(chunks_);
  GiveBack(out_);
  shared_.inflight.Give(std::exchange(held_, 0));
}

}  // namespace injector::webhook
