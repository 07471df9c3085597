#include "webhook/cli/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <array>

namespace injector::webhook {
namespace {

// SIGHUP would end the process without a drain: files are followed, there is nothing to reload.
constexpr std::array kStops = {SIGTERM, SIGINT, SIGHUP};

void EndAtOnce(int /*signal*/) {
  _exit(1);
}

}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  for (const int signal : kStops) sigaddset(&signals_, signal);
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
  for (const int stop : kStops) sigaction(stop, &end, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  if (signal == SIGHUP) return "SIGHUP";
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace injector::webhook
