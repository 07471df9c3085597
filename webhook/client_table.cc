#include "webhook/client_table.h"

#include <algorithm>
#include <utility>

namespace injector::webhook {
namespace {

// kDone: whoever has more to do without waiting stands in line with the others, by way of an event
// that is always there.
std::uint32_t EventsFor(IoStatus needs) {
  if (needs == IoStatus::kNeedsInput) return EPOLLIN | EPOLLONESHOT;
  if (needs == IoStatus::kNeedsOutput) return EPOLLOUT | EPOLLONESHOT;
  return EPOLLIN | EPOLLOUT | EPOLLONESHOT;
}

}  // namespace

Seat& ClientTable::Add(FileDescriptor socket, std::unique_ptr<Connection> connection,
                       ClientShared& shared, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Seat& seat =
      strangers_.emplace_back(next_id_++, std::move(socket), std::move(connection), shared, now);
  seat.home_ = &strangers_;
  seat.self_ = std::prev(strangers_.end());
  seats_.emplace(seat.id_, &seat);
  CountHandshake(seat);
  ++size_;
  return seat;
}

Seat* ClientTable::Claim(Seat::Id id) {
  const std::lock_guard lock(mutex_);
  const auto found = seats_.find(id);
  if (found == seats_.end() || found->second->claimed_) return nullptr;
  found->second->claimed_ = true;
  return found->second;
}

bool ClientTable::Release(Seat& seat) {
  std::list<Seat> gone;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  if (seat.phase() != Client::Phase::kClosed && !Arm(seat)) seat.Close();
  CountHandshake(seat);
  if (seat.phase() == Client::Phase::kClosed) {
    seats_.erase(seat.id_);
    gone.splice(gone.end(), *seat.home_, seat.self_);
    --size_;
    return false;
  }
  seat.claimed_ = false;
  std::list<Seat>& home = HomeOf(seat);
  // Whoever has had an answer is the last in line again; a byte of a request does not help.
  const bool answered = seat.Answers() != seat.answers_;
  seat.answers_ = seat.Answers();
  if (&home != seat.home_ || (&home == &kept_ && answered)) {
    home.splice(home.end(), *seat.home_, seat.self_);
    seat.home_ = &home;
  }
  if (seat.deadline() >= next_deadline_) return false;
  next_deadline_ = seat.deadline();
  return true;
}

// With the lock held, as a released client may be gone the next moment, and its descriptor somebody
// else's.
bool ClientTable::Arm(Seat& seat) const {
  const Poller* const wanted = seat.phase() == Client::Phase::kHandshake ? &door_ : &floor_;
  const std::uint32_t events = EventsFor(seat.Needs());
  if (seat.poller_ == wanted) {
    wanted->Change(seat.socket(), events, seat.id_);
    return true;
  }
  if (seat.poller_ != nullptr) seat.poller_->Remove(seat.socket());
  seat.poller_ = wanted;
  return wanted->Add(seat.socket(), events, seat.id_);
}

std::list<Seat>& ClientTable::HomeOf(const Seat& seat) {
  if (!seat.HasAsked() || seat.IsRefused()) return strangers_;
  const bool waits =
      seat.phase() == Client::Phase::kIdle || seat.phase() == Client::Phase::kReceiving;
  return waits ? kept_ : busy_;
}

// Clients that have yet to show a whole request do not push out those that have, as long as they
// are many themselves; the oldest of them have had the most time.
Seat* ClientTable::ClaimFirstToGo() {
  const std::lock_guard lock(mutex_);
  const auto first = [](std::list<Seat>& seats, auto&& wanted) -> Seat* {
    const auto found = std::find_if(seats.begin(), seats.end(), [&](const Seat& seat) {
      return !seat.claimed_ && wanted(seat);
    });
    return found == seats.end() ? nullptr : &*found;
  };
  const auto in = [](Client::Phase phase) {
    return [phase](const Seat& seat) { return seat.phase() == phase; };
  };
  Seat* const stranger = first(strangers_, [](const Seat&) { return true; });
  Seat* chosen = strangers_.size() > kept_.size() + busy_.size() ? stranger : nullptr;
  if (chosen == nullptr) chosen = first(kept_, [](const Seat& seat) { return seat.IsQuiet(); });
  if (chosen == nullptr) chosen = stranger;
  if (chosen == nullptr) chosen = first(kept_, in(Client::Phase::kReceiving));
  if (chosen == nullptr) chosen = first(busy_, in(Client::Phase::kWriting));
  if (chosen != nullptr) chosen->claimed_ = true;
  return chosen;
}

Seat* ClientTable::ClaimHandshake(TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(strangers_.begin(), strangers_.end(), [&](const Seat& seat) {
    return !seat.claimed_ && seat.DelaysHandshake(now);
  });
  if (found == strangers_.end()) return nullptr;
  found->claimed_ = true;
  return &*found;
}

void ClientTable::CountHandshake(Seat& seat) {
  const bool shakes = seat.phase() == Client::Phase::kHandshake;
  if (shakes && !seat.shakes_) ++handshakes_;
  if (!shakes && seat.shakes_) --handshakes_;
  seat.shakes_ = shakes;
}

std::vector<Seat*> ClientTable::ClaimThose(const std::function<bool(const Seat&)>& wanted) {
  std::vector<Seat*> claimed;
  for (auto* list : {&strangers_, &kept_, &busy_}) {
    for (Seat& seat : *list) {
      if (seat.claimed_ || !wanted(seat)) continue;
      seat.claimed_ = true;
      claimed.push_back(&seat);
    }
  }
  return claimed;
}

std::vector<Seat*> ClientTable::ClaimLate(TimePoint now) {
  const std::lock_guard lock(mutex_);
  next_deadline_ = TimePoint::max();
  return ClaimThose([&](const Seat& seat) {
    if (seat.deadline() <= now) return true;
    next_deadline_ = std::min(next_deadline_, seat.deadline());
    return false;
  });
}

std::vector<Seat*> ClientTable::ClaimQuiet() {
  const std::lock_guard lock(mutex_);
  return ClaimThose([](const Seat& seat) { return seat.IsQuiet(); });
}

std::vector<Seat*> ClientTable::ClaimAll() {
  const std::lock_guard lock(mutex_);
  return ClaimThose([](const Seat& /*seat*/) { return true; });
}

TimePoint ClientTable::NextDeadline() const {
  const std::lock_guard lock(mutex_);
  return next_deadline_;
}

}  // namespace injector::webhook
