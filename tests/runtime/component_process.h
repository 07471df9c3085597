#pragma once

// A component as a process of its own, which a test can kill and start again.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "runtime/socket_connect.h"

namespace injector::test {

class ComponentProcess {
 public:
  // Starts `program`, which serves at `socket`, and returns when it can be connected to.
  ComponentProcess(std::string program, std::string folder, std::string socket)
      : program_(std::move(program)), folder_(std::move(folder)), socket_(std::move(socket)) {
    Start();
  }
  ~ComponentProcess() { Kill(); }
  ComponentProcess(const ComponentProcess&) = delete;
  ComponentProcess& operator=(const ComponentProcess&) = delete;

  void Start() {
    std::string variable = "DAPR_COMPONENTS_SOCKETS_FOLDER=" + folder_;
    std::array<char*, 2> arguments{program_.data(), nullptr};
    std::vector<char*> environment{variable.data()};  // the first of a name counts
    for (char** inherited = environ; *inherited != nullptr; ++inherited)
      environment.push_back(*inherited);
    environment.push_back(nullptr);
    ::posix_spawn(&pid_, program_.c_str(), nullptr, nullptr, arguments.data(), environment.data());
    const auto end = std::chrono::system_clock::now() + std::chrono::seconds(30);
    while (!runtime::ConnectTo(folder_ + "/" + socket_, end) &&
           std::chrono::system_clock::now() < end)
      std::this_thread::yield();
  }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void Freeze() const {
    ::kill(pid_, SIGSTOP);
    ::waitpid(pid_, nullptr, WUNTRACED);
  }
  void Thaw() const { ::kill(pid_, SIGCONT); }

 private:
  std::string program_;
  std::string folder_;
  std::string socket_;
  pid_t pid_ = 0;
};

}  // namespace injector::test
