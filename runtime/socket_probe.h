#pragma once

// Asks one entry of the socket folder what it is, in bounded time.

#include <chrono>
#include <optional>

#include "runtime/socket_report.h"

namespace injector::runtime {

struct ProbeOptions {
  std::chrono::milliseconds connect_timeout{3000};  // until the HTTP/2 connection stands
  std::chrono::milliseconds answer_timeout{2000};   // for each version of reflection
  // The user that daprd runs as; absent: whoever runs this. Dapr's image uses 65532.
  std::optional<User> daprd_user = User{65532, 65532};
};

// Connects, then asks reflection v1alpha, which is the one that daprd asks, then v1.
// Out: always a report; nothing that the peer does is an error of this function.
// Blocks: for connect_timeout and two times answer_timeout at most.
// Threads: safe.
[[nodiscard]] SocketReport ProbeSocket(const FolderEntry& entry, const ProbeOptions& options);

}  // namespace injector::runtime
