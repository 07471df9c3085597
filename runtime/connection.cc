#include "runtime/connection.h"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <poll.h>

#include <utility>

namespace injector::runtime {

Connection::Connection(std::shared_ptr<grpc::Channel> channel, FileDescriptor end)
    : channel_(std::move(channel)), end_(std::move(end)) {}

Result<std::shared_ptr<Connection>> Connection::Open(const std::string& path, Deadline deadline) {
  auto socket = ConnectTo(path, deadline);
  if (!socket) return tl::unexpected(ErrorOf(socket.error()));
  FileDescriptor end(::fcntl(socket->number(), F_DUPFD_CLOEXEC, 0));
  grpc::ChannelArguments arguments;
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
  arguments.SetMaxReceiveMessageSize(kMaxReceivedBytes);
  auto channel = grpc::CreateCustomInsecureChannelFromFd("localhost", socket->Release(), arguments);
  return std::shared_ptr<Connection>(new Connection(std::move(channel), std::move(end)));
}

bool Connection::Alive() const {
  pollfd entry{end_.number(), POLLRDHUP, 0};
  return ::poll(&entry, 1, 0) == 0;
}

}  // namespace injector::runtime
