#include "runtime/instance.h"

#include <utility>

#include "runtime/instance_init.h"

namespace injector::runtime {

void Instance::Prepare(grpc::ClientContext& context, std::chrono::milliseconds timeout) const {
  if (!spec_.name.empty()) context.AddMetadata("x-component-instance", spec_.name);
  if (timeout.count() > 0) context.set_deadline(std::chrono::system_clock::now() + timeout);
}

Result<std::shared_ptr<const Session>> Instance::Open(int generation) const {
  auto connection =
      Connection::Open(spec_.socket, std::chrono::system_clock::now() + spec_.connect_timeout);
  if (!connection) return tl::unexpected(connection.error());
  auto features = InitInstance(*this, **connection);
  if (!features) return tl::unexpected(features.error());
  return std::make_shared<const Session>(
      Session{std::move(*connection), std::move(*features), generation});
}

// With mutex_ held. In a thread of its own: a call may not wait for all of a slow Init, and Init
// may not be cut short by an impatient call.
void Instance::BeginOpening() {
  if (opener_.joinable()) opener_.join();  // it has let go of mutex_
  opening_ = true;
  session_.reset();
  opener_ = std::thread([this, generation = generation_ + 1] {
    auto opened = Open(generation);
    const std::lock_guard<std::mutex> lock(mutex_);
    opening_ = false;
    ++attempts_;
    if (opened) {
      session_ = *std::move(opened);
      generation_ = generation;
    } else {
      last_error_ = std::move(opened.error());
    }
    opened_.notify_all();
  });
}

Result<std::shared_ptr<const Session>> Instance::Use(Deadline deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (session_ && session_->connection->Alive()) return session_;
  if (!opening_) BeginOpening();
  // Its failure is everybody's: asking once more in turn would make many callers wait one after
  // the other.
  const int attempt = attempts_;
  if (!opened_.wait_until(lock, deadline, [&] { return attempts_ != attempt; }))
    return Fail(ErrorKind::kTimeout,
                "the component was not connected and initialised before the call's deadline; Init "
                "goes on");
  if (session_) return session_;
  return tl::unexpected(last_error_);
}

Instance::~Instance() {
  if (opener_.joinable()) opener_.join();
}

bool Instance::HungUp() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return session_ && !session_->connection->Alive();
}

}  // namespace injector::runtime
