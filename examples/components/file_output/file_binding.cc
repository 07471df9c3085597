#include "file_binding.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace file_output {

using dapr::component::ErrorKind;
using dapr::component::Fail;
using dapr::component::InvokeRequest;
using dapr::component::InvokeResponse;
using dapr::component::Properties;
using dapr::component::Result;

FileBinding::~FileBinding() {
  if (file_ >= 0) ::close(file_);
}

Result<void> FileBinding::Init(const Properties& metadata) {
  const auto path = metadata.find("path");
  if (path == metadata.end() || path->second.empty())
    return Fail(ErrorKind::kInvalidArgument, "metadata \"path\" is missing; name the file");
  // The first Init decides: later ones may come while other calls write.
  if (file_ >= 0) {
    if (path->second == path_) return {};
    return Fail(ErrorKind::kFailedPrecondition,
                "path changed from " + path_ + "; restart the component");
  }
  const int file = ::open(path->second.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0)
    return Fail(ErrorKind::kUnknown,
                "cannot open " + path->second + ": " + std::system_category().message(errno));
  file_ = file;
  path_ = path->second;
  return {};
}

Result<InvokeResponse> FileBinding::Invoke(const InvokeRequest& request) {
  if (request.operation != "create")
    return Fail(ErrorKind::kInvalidArgument,
                "operation \"" + request.operation + "\" is unknown; use create");
  const std::string line = request.data + "\n";
  // One write: O_APPEND then keeps lines of concurrent calls whole.
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size()))
    return Fail(ErrorKind::kUnavailable,
                "cannot append to " + path_ + ": " + std::system_category().message(errno));
  InvokeResponse response;
  response.metadata["bytes"] = std::to_string(written);
  return response;
}

}  // namespace file_output
