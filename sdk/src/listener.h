#pragma once
// One listening Unix socket and its file. The file appears under its final name only in Publish,
// and goes away in Close if it is still the same file.

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "dapr_component_sdk/error.h"

namespace dapr::component {

struct ListenerOptions {
  mode_t mode = 0666;
  std::optional<gid_t> group;
};

class Listener {
 public:
  // Binds in a hidden sub-folder beside `path`, which the runtime's scan skips, and listens.
  // Makes the folder when it is missing.
  // Errors: a sentence with the path, the cause and what to do: folder not writable, not a folder.
  [[nodiscard]] static Result<std::unique_ptr<Listener>> Bind(const std::string& path,
                                                              const ListenerOptions& options);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Starts to hand accepted connections to `accept` (which owns the descriptor), then moves the
  // socket file to its final name. A socket that is there and refuses connections is replaced.
  // Errors: kUnavailable when another process answers there; kFailedPrecondition when what is
  // there is no socket, or cannot be probed. The file there is left alone.
  [[nodiscard]] Result<void> Publish(std::function<void(int descriptor)> accept);

  // Removes the file and accepts no more. Idempotent.
  void Close();

 private:
  Listener(std::string path, std::string staging);
  [[nodiscard]] Result<void> Listen(const ListenerOptions& options);
  void AcceptLoop(const std::function<void(int)>& accept) const;

  const std::string path_;
  const std::string staging_;  // the hidden sub-folder
  int socket_ = -1;
  int wake_ = -1;  // eventfd that ends the accept loop
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool published_ = false;
  std::thread thread_;
};

}  // namespace dapr::component
