#include "webhook/cli/wait.h"

#include <unistd.h>

#include <csignal>
#include <ostream>

#include "webhook/socket_probe.h"
#include "webhook/wait_sockets.h"

namespace injector::webhook {
namespace {

constexpr int kSignalExit = 128;  // as shells count

extern "C" void EndAtOnce(int signal) {
  ::_exit(kSignalExit + signal);
}

// Nothing is held that needs an orderly end, so the handler ends the process itself.
class SignalsEndAtOnce {
 public:
  SignalsEndAtOnce() {
    struct sigaction action {};
    action.sa_handler = EndAtOnce;
    ::sigaction(SIGTERM, &action, &old_term_);
    ::sigaction(SIGINT, &action, &old_int_);
  }
  ~SignalsEndAtOnce() {
    ::sigaction(SIGTERM, &old_term_, nullptr);
    ::sigaction(SIGINT, &old_int_, nullptr);
  }
  SignalsEndAtOnce(const SignalsEndAtOnce&) = delete;
  SignalsEndAtOnce& operator=(const SignalsEndAtOnce&) = delete;

 private:
  struct sigaction old_term_ {};
  struct sigaction old_int_ {};
};

// Whether even the shortest file of each name can be connected to; the others are named.
bool PathsFit(const WaitOptions& options, std::ostream& err) {
  bool fit = true;
  for (const ExpectedSocketArgument& expected : options.expected) {
    const std::string path = options.folder + "/" + expected.socket;
    if (path.size() <= kMaxSocketPath || expected.soft) continue;
    err << "socket " << expected.socket << " can never be up: the path " << path << " has "
        << path.size() << " bytes, and a socket's path at most " << kMaxSocketPath
        << "; choose a shorter socket folder" << std::endl;
    fit = false;
  }
  return fit;
}

}  // namespace

int RunWait(const WaitOptions& options, std::ostream& out, std::ostream& err) {
  const SignalsEndAtOnce signals;
  if (!PathsFit(options, err)) return kExitMissing;
  const SocketWait wait{options.folder, options.timeout, options.expected};
  return WaitForSockets(wait, WaitPace{}, out, err) ? 0 : kExitMissing;
}

}  // namespace injector::webhook
