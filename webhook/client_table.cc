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
      pending_.emplace_back(next_id_++, std::move(socket), std::move(connection), shared, now);
  seat.home_ = &pending_;
  seat.self_ = std::prev(pending_.end());
  seats_.emplace(seat.id_, &seat);
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
  if (seat.phase() == Client::Phase::kClosed) {
    seats_.erase(seat.id_);
    gone.splice(gone.end(), *seat.home_, seat.self_);
    --size_;
    return false;
  }
  seat.claimed_ = false;
  std::list<Seat>& home = HomeOf(seat);
  if (&home != seat.home_ || &home == &idle_) {
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
  if (seat.phase() == Client::Phase::kAsking) return busy_;
  return seat.phase() == Client::Phase::kIdle && seat.HasAsked() ? idle_ : pending_;
}

// Clients that have yet to show a whole request do not push out those that have, as long as they
// are many themselves; the oldest of them have had the most time.
Seat* ClientTable::ClaimFirstToGo() {
  const std::lock_guard lock(mutex_);
  const auto free = [](const Seat& seat) { return !seat.claimed_; };
  const auto quiet = [](const Seat& seat) { return !seat.claimed_ && seat.IsQuiet(); };
  const auto stranger = std::find_if(pending_.begin(), pending_.end(), free);
  const auto idle = std::find_if(idle_.begin(), idle_.end(), quiet);
  const bool many_strangers = pending_.size() > idle_.size() + busy_.size();
  Seat* chosen = nullptr;
  if (stranger != pending_.end() && (many_strangers || idle == idle_.end())) {
    chosen = &*stranger;
  } else if (idle != idle_.end()) {
    chosen = &*idle;
  }
  if (chosen != nullptr) chosen->claimed_ = true;
  return chosen;
}

std::vector<Seat*> ClientTable::ClaimThose(const std::function<bool(const Seat&)>& wanted) {
  std::vector<Seat*> claimed;
  for (auto* list : {&pending_, &idle_, &busy_}) {
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
    if (seat.phase() == Client::Phase::kAsking) return false;  // it is not its client that is late
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
