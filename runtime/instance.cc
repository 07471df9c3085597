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

Result<std::shared_ptr<const Session>> Instance::Use() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (session_ && session_->connection->Alive()) return session_;
  if (opening_) {
    // Whoever opens has deadlines, so this ends too. Its failure is ours: asking once more in
    // turn would make many callers wait one after the other.
    const int attempt = attempts_;
    opened_.wait(lock, [&] { return attempts_ != attempt; });
    if (session_) return session_;
    return tl::unexpected(last_error_);
  }
  opening_ = true;
  session_.reset();
  const int generation = generation_ + 1;
  lock.unlock();
  auto opened = Open(generation);
  lock.lock();
  opening_ = false;
  ++attempts_;
  if (opened) {
    session_ = *opened;
    generation_ = generation;
  } else {
    last_error_ = opened.error();
  }
  opened_.notify_all();
  return opened;
}

bool Instance::HungUp() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return session_ && !session_->connection->Alive();
}

}  // namespace injector::runtime
