#pragma once

// What the command line asks of component-probe.

#include <string>

#include "runtime/socket_probe.h"

namespace injector::runtime {

enum class Command { kNone, kDiscover };

struct Arguments {
  Command command = Command::kNone;
  bool json = false;
  bool no_colour = false;
  std::string folder;  // of the sockets, absolute
  ProbeOptions probe;

  bool watch = false;  // discover
};

}  // namespace injector::runtime
