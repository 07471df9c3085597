#pragma once

// One component as one manifest makes it: a connection, Init with the manifest's metadata, what the
// component can do. When the component restarts, the next use connects and calls Init again.

#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/call_error.h"
#include "runtime/component_kind.h"
#include "runtime/connection.h"
#include "runtime/properties.h"

namespace injector::runtime {

struct InstanceSpec {
  std::string name;    // metadata.name of the manifest; goes with each call unless empty
  std::string socket;  // path
  Kind kind = Kind::kState;
  Properties metadata;  // spec.metadata, resolved
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds init_timeout{5000};   // for Init and Features together
  std::chrono::milliseconds call_timeout{30000};  // for every other call, Init before it included
};

// A component that is initialised, as long as its connection lives.
struct Session {
  std::shared_ptr<Connection> connection;
  std::vector<std::string> features;  // of an output binding: its operations
  int generation = 0;                 // 1 for the first; each restart is one more
};

class Instance {
 public:
  explicit Instance(InstanceSpec spec) : spec_(std::move(spec)) {}
  // Blocks: while a session is made, for connect_timeout and init_timeout at most.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // The session, made anew when there is none or the component hung up. It is made once for all
  // who come meanwhile, and to its end, also when all of them have left at their deadlines.
  // Errors: those of Connection::Open and of the component's Init; kTimeout at `deadline`.
  // Blocks: until `deadline`, for connect_timeout and init_timeout at most. Threads: safe.
  [[nodiscard]] Result<std::shared_ptr<const Session>> Use(Deadline deadline = Deadline::max());

  // A context with the instance's name and, if not zero, a deadline.
  void Prepare(grpc::ClientContext& context, std::chrono::milliseconds timeout) const;

  // When a call that begins now must have ended.
  [[nodiscard]] Deadline CallEnd() const {
    return std::chrono::system_clock::now() + spec_.call_timeout;
  }

  // One unary call; `method` is a member of a generated stub.
  // Blocks: until `end` at most, connecting and Init included.
  template <class Service, class Request, class Response>
  [[nodiscard]] Result<Response> Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&,
                                                                            Response*),
                                      const Request& request, Deadline end) {
    const auto session = Use(end);
    if (!session) return tl::unexpected(session.error());
    grpc::ClientContext context;
    Prepare(context, std::chrono::milliseconds(0));
    context.set_deadline(end);
    const auto stub = Service::NewStub((*session)->connection->channel());
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (!status.ok()) return tl::unexpected(ErrorOf(status));
    return response;
  }
  // The same within call_timeout.
  template <class Service, class Request, class Response>
  [[nodiscard]] Result<Response> Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&,
                                                                            Response*),
                                      const Request& request) {
    return Call<Service>(method, request, CallEnd());
  }

  // Whether the component hung up on the session that there was. Threads: safe.
  [[nodiscard]] bool HungUp();

  [[nodiscard]] const InstanceSpec& spec() const { return spec_; }

 private:
  [[nodiscard]] Result<std::shared_ptr<const Session>> Open(int generation) const;
  void BeginOpening();

  const InstanceSpec spec_;
  std::mutex mutex_;
  std::condition_variable opened_;
  std::shared_ptr<const Session> session_;  // guarded by mutex_, as what follows
  bool opening_ = false;
  int generation_ = 0;
  Error last_error_{};
  int attempts_ = 0;
  std::thread opener_;
};

}  // namespace injector::runtime
