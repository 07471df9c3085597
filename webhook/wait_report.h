#pragma once

// What `wait` says: lines for the log, sentences for the termination message.

#include <string>
#include <string_view>

#include "webhook/expected_argument.h"
#include "webhook/socket_watch.h"

namespace injector::webhook {

// "redis is up", "redis refuses connections: nobody listens". Control characters are replaced.
[[nodiscard]] std::string DescribeState(std::string_view name, const WatchedSocket& socket);

// That a file in the socket folder is none that daprd takes for a socket; one line.
[[nodiscard]] std::string DescribeStrayFile(std::string_view file);

// Why an expected socket is missing, and who should have made it; one line.
[[nodiscard]] std::string ExplainMissing(const ExpectedSocketArgument& expected,
                                         const WatchedSocket& socket, const std::string& folder);

// Why a socket file that nobody expects stands in daprd's way; one line.
[[nodiscard]] std::string ExplainDead(const WatchedSocket& socket, const std::string& folder);

}  // namespace injector::webhook
