#pragma once

// A component that the probe starts, kills and starts again.

#include <sys/types.h>

#include <string>

namespace injector::runtime {

class StartedProcess {
 public:
  // `command` goes to the shell, in a process group of its own.
  explicit StartedProcess(std::string command) : command_(std::move(command)) {}
  ~StartedProcess() { Kill(); }
  StartedProcess(const StartedProcess&) = delete;
  StartedProcess& operator=(const StartedProcess&) = delete;

  // Whether it could be started.
  [[nodiscard]] bool Start();
  // Kills the whole group, without a warning, and waits for its end.
  void Kill();

 private:
  std::string command_;
  pid_t group_ = 0;
};

}  // namespace injector::runtime
