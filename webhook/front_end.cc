#include "webhook/front_end.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "webhook/certificate.h"
#include "webhook/tls_connection.h"

namespace injector::webhook {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kListenerTag = 0;
constexpr std::uint64_t kWakeTag = 1;
constexpr std::uint64_t kLargeTurnTag = WorkerPool::kMostTags;
static_assert(std::max(kLargeTurnTag, kWakeTag) < ClientTable::kFirstId);

constexpr int kMostAccepted = 511;         // in one turn: as many as the system queues
constexpr std::size_t kMostShaken = 16;    // in one turn: a handshake takes some 0.2 ms
constexpr milliseconds kPause(100);        // before another try to accept without memory
constexpr milliseconds kShortPause(5);     // the same while too many shake hands
constexpr milliseconds kBetweenSweeps(5);  // while stopping
constexpr std::size_t kKeptBytes = 65536;  // of a buffer, from one answer to the next
constexpr std::string_view kTooManyWait = "too many requests wait";

std::size_t WorkersOf(const ServerOptions& options) {
  const std::size_t processors = std::thread::hardware_concurrency();
  const std::size_t wanted =
      options.workers > 0 ? options.workers : std::max<std::size_t>(2, processors);
  return std::min(wanted, options.max_workers);
}

std::unique_ptr<Connection> Connect(int socket, const ServingCertificate* certificate) {
  if (certificate == nullptr) return MakePlainConnection(socket);
  return MakeTlsConnection(socket, *certificate->Context());
}

// Of which closing a connection of ours gives none back for sure: others take them too.
bool IsExhaustion(int error_number) {
  return error_number == ENFILE || error_number == ENOMEM || error_number == ENOBUFS;
}

bool Asks(const Seat& seat) {
  return seat.phase() == Client::Phase::kAsking;
}

}  // namespace

FrontEnd::FrontEnd(const ServerOptions& options, const HttpEngine& engine, FileDescriptor listener)
    : options_(options),
      engine_(engine),
      listener_(std::move(listener)),
      refusals_(options.refusals, [this] { wake_.Raise(); }),
      shared_{
          .options = options,
          .refused = [this](int status, std::string_view text) { refusals_.Note(status, text); }},
      clients_(door_, floor_),
      workers_(
          {.threads = WorkersOf(options),
           .most_threads = options.max_workers,
           .processors = std::max<std::size_t>(1, std::thread::hardware_concurrency()),
           .most_wait = options.max_queue_time},
          floor_, [this](std::uint64_t tag) { Serve(tag); }, [this] { wake_.Raise(); }) {}

bool FrontEnd::Start() {
  large_turn_.Raise();
  return door_.valid() && floor_.valid() && door_.Add(wake_.descriptor(), EPOLLIN, kWakeTag) &&
         floor_.Add(large_turn_.descriptor(), EPOLLONESHOT, kLargeTurnTag) &&
         door_.Add(listener_.get(), EPOLLIN, kListenerTag) && workers_.Start() &&
         doorkeeper_.Start([this] { Run(); });
}

void FrontEnd::Stop(milliseconds grace) {
  grace_ = grace;
  draining_ = true;
  stop_asked_ = true;
  wake_.Raise();
  doorkeeper_.Join();
}

void FrontEnd::Serve(Seat::Id id) {
  if (id == kLargeTurnTag) return ServeNextLarge();
  Seat* const seat = clients_.Claim(id);
  if (seat == nullptr) return;
  const TimePoint now = steady_clock::now();
  seat->Advance(now);
  if (!Asks(*seat)) return Release(*seat);
  if (large_.Begin(*seat, seat->Request().body.size(), now)) return AnswerAndRelease(*seat);
  wake_.Raise();  // somebody waits, whose time is to be kept
}

void FrontEnd::ServeNextLarge() {
  Seat* const seat = large_.Next();
  if (seat == nullptr) return;
  CallNextLarge();  // one more may fit beside it
  AnswerAndRelease(*seat);
}

// Has a worker come for it, if it may begin, after those who stand in line already.
void FrontEnd::CallNextLarge() const {
  if (!large_.HasNext()) return;
  floor_.Change(large_turn_.descriptor(), EPOLLIN | EPOLLONESHOT, kLargeTurnTag);
}

void FrontEnd::AnswerAndRelease(Seat& seat) {
  const std::size_t size = seat.Request().body.size();
  Answer(seat);
  Release(seat);
  if (large_.End(size)) CallNextLarge();
}

// In: `refusal`, when it is not empty, is the answer, and no handler is asked.
void FrontEnd::Answer(Seat& seat, std::string_view refusal) {
  Exchange exchange = seat.Request();
  exchange.close = draining_;
  exchange.refusal = refusal;
  thread_local std::string bytes;  // one buffer serves one answer after the other
  bytes.clear();
  webhook::Answer answer = engine_.Process(exchange, bytes);
  if (answer.refused != 0) refusals_.Note(answer.refused, refusal);
  seat.Finish(bytes, std::move(answer), steady_clock::now());
  if (bytes.capacity() > kKeptBytes) std::string().swap(bytes);
}

void FrontEnd::Release(Seat& seat) {
  if (clients_.Release(seat)) wake_.Raise();
}

void FrontEnd::Run() {
  while (!stopping_ || clients_.Size() > 0) Turn();
}

void FrontEnd::Turn() {
  std::array<epoll_event, kMostShaken> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  bool to_accept = false;
  const auto events = door_.Wait(room, NextMoment(steady_clock::now()));
  const TimePoint now = steady_clock::now();
  for (const epoll_event& event : events) {
    if (event.data.u64 == kWakeTag) {
      wake_.Lower();
    } else if (event.data.u64 == kListenerTag) {
      to_accept = true;
    } else {
      Shake(event.data.u64, now);
    }
  }
  if (stop_asked_ && !stopping_) BeginStop(now);
  if (to_accept && !stopping_) Accept(now);
  if (accept_again_ <= now) ResumeAccepting();
  KeepDeadlines(now);
  workers_.Look(now);
  if (workers_.IsOverloaded()) RefuseBacklog(now);
  RefuseLateLarge(now);
  refusals_.Look(now);
  if (stopping_) GoOnStopping(now);
}

void FrontEnd::Shake(Seat::Id id, TimePoint now) {
  Seat* const seat = clients_.Claim(id);
  if (seat == nullptr) return;
  seat->Advance(now);
  Release(*seat);
}

// In: somebody waits to be accepted, as otherwise room would be made for nobody.
void FrontEnd::Accept(TimePoint now) {
  for (int i = 0; i < kMostAccepted; ++i) {
    const bool crowded = IsCrowded();
    // Whether there is another one, the next turn knows.
    if (i > 0 && (crowded || IsFull())) return;
    if (crowded && !Dismiss(clients_.ClaimHandshake(now))) return PauseAccepting(now + kShortPause);
    const bool has_room = !IsFull() || MakeRoom();
    FileDescriptor socket(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      if (has_room) Admit(std::move(socket), now);  // else it is closed: no wait would be better
      continue;
    }
    const int reason = errno;
    if (reason == EAGAIN) return;
    // One goes in each turn, since the next newcomer may still fail.
    if (reason == EMFILE && MakeRoom()) return;
    if (reason == EMFILE || IsExhaustion(reason)) return PauseAccepting(now + kPause);
  }
}

bool FrontEnd::IsFull() const {
  return clients_.Size() >= options_.max_connections && !stopping_;
}

// Then newcomers wait in the system's queue for the moment that it takes those who mean it to shake
// hands, and of the others one goes for each newcomer.
bool FrontEnd::IsCrowded() const {
  return clients_.Handshakes() >= options_.max_handshakes && !stopping_;
}

void FrontEnd::Admit(FileDescriptor socket, TimePoint now) {
  const int on = 1;
  // A reply that leaves in two packets would wait for the client's delayed acknowledgement.
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  auto connection = Connect(socket.get(), options_.certificate);
  if (connection == nullptr) return;
  Release(clients_.Add(std::move(socket), std::move(connection), shared_, now));
}

// Closes who is first to go. False: all are being worked for.
bool FrontEnd::MakeRoom() {
  return Dismiss(clients_.ClaimFirstToGo());
}

// False: there is nobody.
bool FrontEnd::Dismiss(Seat* seat) {
  if (seat == nullptr) return false;
  seat->Close();
  Release(*seat);
  return true;
}

void FrontEnd::PauseAccepting(TimePoint until) {
  door_.Change(listener_.get(), 0, kListenerTag);
  accept_again_ = until;
}

void FrontEnd::ResumeAccepting() {
  door_.Change(listener_.get(), EPOLLIN, kListenerTag);
  accept_again_ = TimePoint::max();
}

void FrontEnd::KeepDeadlines(TimePoint now) {
  if (now < clients_.NextDeadline()) return;
  for (Seat* seat : clients_.ClaimLate(now)) {
    seat->GiveUp(now);
    Release(*seat);
  }
}

// The workers have had no time for these for too long. Their connections stay, as new ones would
// cost more than they do.
void FrontEnd::RefuseBacklog(TimePoint now) {
  for (const std::uint64_t id : workers_.TakeBacklog()) {
    if (id == kLargeTurnTag) CallNextLarge();
    Seat* const seat = clients_.Claim(id);
    if (seat == nullptr) continue;
    seat->Advance(now);
    if (Asks(*seat)) Answer(*seat, kTooManyWait);
    Release(*seat);
  }
}

// Those that have waited too long for their turn; all, when the time to stop in is over.
void FrontEnd::RefuseLateLarge(TimePoint now) {
  const TimePoint limit = now < stop_at_ ? now - options_.max_queue_time : TimePoint::max();
  bool any = false;
  while (Seat* const seat = large_.NextLate(limit)) {
    Answer(*seat, kTooManyWait);
    Release(*seat);
    any = true;
  }
  if (any) CallNextLarge();  // who is first now may fit
}

// The port closes; those whom the system has already told that they are connected are served.
void FrontEnd::BeginStop(TimePoint now) {
  stopping_ = true;
  Accept(now);
  accept_again_ = TimePoint::max();
  door_.Remove(listener_.get());
  listener_ = FileDescriptor();
  stop_at_ = now + grace_;
}

// Again and again, since workers let go of clients at any time.
void FrontEnd::GoOnStopping(TimePoint now) {
  for (Seat* seat : now < stop_at_ ? clients_.ClaimQuiet() : clients_.ClaimAll()) {
    seat->Close();
    Release(*seat);
  }
}

TimePoint FrontEnd::NextMoment(TimePoint now) const {
  const TimePoint sweep = stopping_ ? now + kBetweenSweeps : TimePoint::max();
  const TimePoint since = large_.WaitsSince();
  const TimePoint late = since == TimePoint::max() ? since : since + options_.max_queue_time;
  return std::min({clients_.NextDeadline(), workers_.NextLook(), refusals_.NextLook(),
                   accept_again_, sweep, late});
}

}  // namespace injector::webhook
