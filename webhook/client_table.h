#pragma once

// The clients of a server, which several threads serve: whoever claims one has it for himself until
// he releases it. Released ones are known by what they do, so that it is known who has to go when
// there are too many, and wait for what they need.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "webhook/client.h"
#include "webhook/poller.h"

namespace injector::webhook {

// A client and where it is kept.
class Seat : public Client {
 public:
  using Id = std::uint64_t;

  Seat(Id id, FileDescriptor socket, std::unique_ptr<Connection> connection, ClientShared& shared,
       TimePoint now)
      : Client(std::move(socket), std::move(connection), shared, now), id_(id) {}

 private:
  friend class ClientTable;
  const Id id_;
  // Guarded by the table's mutex.
  bool claimed_ = true;
  bool shakes_ = false;             // is in its handshake
  std::uint64_t answers_ = 0;       // that had ended when it was released
  const Poller* poller_ = nullptr;  // that knows the socket
  std::list<Seat>* home_ = nullptr;
  std::list<Seat>::iterator self_;
};

// Threads: safe.
class ClientTable {
 public:
  static constexpr Seat::Id kFirstId = 16;  // smaller ones are for other things that are waited for

  // In: `door` hears of clients in their handshake, `floor` of the others; both outlive it.
  ClientTable(const Poller& door, const Poller& floor) : door_(door), floor_(floor) {}

  // A new client, claimed by the caller.
  [[nodiscard]] Seat& Add(FileDescriptor socket, std::unique_ptr<Connection> connection,
                          ClientShared& shared, TimePoint now);
  // Null: gone, or somebody else has it.
  [[nodiscard]] Seat* Claim(Seat::Id id);
  // Ends the claim: the client waits for what it needs, and is destroyed when it is closed. True:
  // its deadline comes before what NextDeadline has said.
  [[nodiscard]] bool Release(Seat& seat);

  // Who has to go to make room, claimed; null when all ask for something. In this order:
  // 1. of strangers, who have yet to show a whole request, the oldest, if they are more than others
  // 2. the one that has been idle longest  3. the oldest stranger
  // 4. whose next request has been arriving longest  5. whose answer has been leaving longest
  [[nodiscard]] Seat* ClaimFirstToGo();
  // The oldest of those that delay their handshake, claimed, or null.
  [[nodiscard]] Seat* ClaimHandshake(TimePoint now);
  // Those whose deadline has passed, claimed.
  [[nodiscard]] std::vector<Seat*> ClaimLate(TimePoint now);
  // Those between two requests, or all, that nobody has claimed.
  [[nodiscard]] std::vector<Seat*> ClaimQuiet();
  [[nodiscard]] std::vector<Seat*> ClaimAll();

  [[nodiscard]] std::size_t Size() const { return size_; }
  [[nodiscard]] std::size_t Handshakes() const { return handshakes_; }
  [[nodiscard]] TimePoint NextDeadline() const;

 private:
  [[nodiscard]] std::vector<Seat*> ClaimThose(const std::function<bool(const Seat&)>& wanted);
  [[nodiscard]] std::list<Seat>& HomeOf(const Seat& seat);
  [[nodiscard]] bool Arm(Seat& seat) const;
  void CountHandshake(Seat& seat);

  const Poller& door_;
  const Poller& floor_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> handshakes_{0};

  mutable std::mutex mutex_;
  std::list<Seat> strangers_;  // guarded by mutex_: no request yet, or refused
  std::list<Seat> kept_;       // guarded by mutex_: the next request has yet to come
  std::list<Seat> busy_;       // guarded by mutex_: asks, or gets an answer
  std::unordered_map<Seat::Id, Seat*> seats_;   // guarded by mutex_
  Seat::Id next_id_ = kFirstId;                 // guarded by mutex_
  TimePoint next_deadline_ = TimePoint::max();  // guarded by mutex_
};

}  // namespace injector::webhook
