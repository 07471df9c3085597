#pragma once

// One HTTP/2 connection to a component. It never reconnects by itself: a new connection may lead to
// a new process, which must be initialised before it is called.

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "runtime/result.h"
#include "runtime/socket_connect.h"

namespace injector::runtime {

// What daprd takes from a component in one message.
inline constexpr int kMaxReceivedBytes = 4 << 20;

class Connection {
 public:
  // Errors: kUnreachable, kDenied.
  // Blocks: until `deadline` at most; a peer that is mute shows at the first call only.
  [[nodiscard]] static Result<std::shared_ptr<Connection>> Open(const std::string& path,
                                                                Deadline deadline);

  [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // Whether the peer still holds its end. Threads: safe.
  [[nodiscard]] bool Alive() const;

 private:
  Connection(std::shared_ptr<grpc::Channel> channel, FileDescriptor end);

  std::shared_ptr<grpc::Channel> channel_;
  FileDescriptor end_;  // the same connection once more, to see it closed
};

}  // namespace injector::runtime
