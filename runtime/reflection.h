#pragma once

// Which services a gRPC server says it has: server reflection, by either of its two names.

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/result.h"
#include "runtime/socket_connect.h"

namespace injector::runtime {

inline constexpr std::string_view kReflectionV1Alpha = "v1alpha";
inline constexpr std::string_view kReflectionV1 = "v1";

// The full names of the services, as the server lists them, at most 1024.
// In: `version` is one of the two above.
// Errors: kUnimplemented when the server does not have this version; kTimeout; kFailed when it
// answers with something else than a list.
// Blocks: until `deadline` at most.
// Source: grpc.reflection.v1alpha and v1, which have the same messages.
[[nodiscard]] Result<std::vector<std::string>> ListServices(
    const std::shared_ptr<grpc::Channel>& channel, std::string_view version, Deadline deadline);

}  // namespace injector::runtime
