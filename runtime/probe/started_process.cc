#include "runtime/probe/started_process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace injector::runtime {

bool StartedProcess::Start() {
  std::string shell = "sh";
  std::string flag = "-c";
  // Its output is not ours: results go to standard output.
  std::string line = "exec 1>&2; " + command_;
  std::array<char*, 4> words{shell.data(), flag.data(), line.data(), nullptr};
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const int fault = ::posix_spawn(&group_, "/bin/sh", nullptr, &attributes, words.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  if (fault != 0) group_ = 0;
  return fault == 0;
}

void StartedProcess::Kill() {
  if (group_ <= 0) return;
  ::kill(-group_, SIGKILL);
  ::waitpid(group_, nullptr, 0);
  group_ = 0;
}

}  // namespace injector::runtime
