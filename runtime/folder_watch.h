#pragma once

// Tells when a folder changes, of sockets or of manifests, by inotify.

#include <chrono>
#include <string>

#include "runtime/socket_connect.h"

namespace injector::runtime {

class FolderWatch {
 public:
  // A folder that does not exist yet is watched from the moment it is there.
  explicit FolderWatch(std::string folder);

  // Whether something was made, written, removed, renamed or changed its mode since the last call;
  // also when the folder came or went. Changes that follow each other closely are one.
  // Blocks: until then, `timeout` at most.
  [[nodiscard]] bool Wait(std::chrono::milliseconds timeout);

  // For poll(2): readable after a change, as long as the folder is there.
  [[nodiscard]] int descriptor() const { return events_.number(); }

 private:
  void Attach();
  [[nodiscard]] bool Drain();
  [[nodiscard]] bool DrainSettled(std::chrono::steady_clock::time_point end);

  std::string folder_;
  FileDescriptor events_;
  int watch_ = -1;
};

}  // namespace injector::runtime
