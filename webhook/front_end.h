#pragma once

// Everything between the network and the handlers. One thread, the doorkeeper, takes new clients,
// shakes hands with them, keeps deadlines and limits, and never waits for anybody. The rest of a
// client's life is with the workers: each takes one client that has sent something, reads, calls
// the handler, writes the answer, and lets the client go again without ever waiting for it.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "webhook/client_table.h"
#include "webhook/http_engine.h"
#include "webhook/large_requests.h"
#include "webhook/poller.h"
#include "webhook/refusal_watch.h"
#include "webhook/server.h"
#include "webhook/small_thread.h"
#include "webhook/socket.h"
#include "webhook/worker_pool.h"

namespace injector::webhook {

class FrontEnd {
 public:
  // In: `options` and `engine` outlive it.
  FrontEnd(const ServerOptions& options, const HttpEngine& engine, FileDescriptor listener);
  ~FrontEnd() { Stop(std::chrono::milliseconds(0)); }
  FrontEnd(const FrontEnd&) = delete;
  FrontEnd& operator=(const FrontEnd&) = delete;

  // False: the system refused a descriptor or a thread.
  [[nodiscard]] bool Start();
  // As Server's. Threads: safe.
  void Drain() { draining_ = true; }
  // As Server's. Threads: one.
  void Stop(std::chrono::milliseconds grace);

 private:
  // Of the workers.
  void Serve(Seat::Id id);
  void ServeNextLarge();
  void CallNextLarge() const;
  void AnswerAndRelease(Seat& seat);
  void Answer(Seat& seat, std::string_view refusal = "");
  void Release(Seat& seat);

  // Of the doorkeeper.
  void Run();
  void Turn();
  void Shake(Seat::Id id, TimePoint now);
  void Accept(TimePoint now);
  [[nodiscard]] bool IsFull() const;
  [[nodiscard]] bool IsCrowded() const;
  void Admit(FileDescriptor socket, TimePoint now);
  [[nodiscard]] bool MakeRoom();
  [[nodiscard]] bool Dismiss(Seat* seat);
  void PauseAccepting(TimePoint until);
  void ResumeAccepting();
  void KeepDeadlines(TimePoint now);
  void RefuseBacklog(TimePoint now);
  void RefuseLateLarge(TimePoint now);
  void BeginStop(TimePoint now);
  void GoOnStopping(TimePoint now);
  [[nodiscard]] TimePoint NextMoment(TimePoint now) const;

  const ServerOptions& options_;
  const HttpEngine& engine_;
  FileDescriptor listener_;
  const Poller door_;   // of the doorkeeper
  const Poller floor_;  // of the workers
  const Signal wake_;   // the doorkeeper
  RefusalWatch refusals_;
  ClientShared shared_;
  ClientTable clients_;
  SmallThread doorkeeper_;
  std::atomic<bool> draining_{false};  // answers end their connection
  std::atomic<bool> stop_asked_{false};
  std::chrono::milliseconds grace_{0};  // set before stop_asked_

  LargeRequests large_;
  const Signal large_turn_;  // always raised, and waited for when one of them may begin

  // Of the doorkeeper alone.
  TimePoint accept_again_ = TimePoint::max();
  TimePoint stop_at_ = TimePoint::max();
  bool stopping_ = false;

  WorkerPool workers_;  // last: its threads end first
};

}  // namespace injector::webhook
