#include "webhook/cli/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

namespace injector::webhook {
namespace {

void EndAtOnce(int /*signal*/) {
  _exit(1);
}

}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
}

std::string_view StopSignals::Wait() const {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0) {
  }
  struct sigaction end {};
  end.sa_handler = EndAtOnce;
  sigaction(SIGTERM, &end, nullptr);
  sigaction(SIGINT, &end, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace injector::webhook
