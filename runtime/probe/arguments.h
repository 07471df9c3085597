#pragma once

// What the command line asks of component-probe.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "runtime/instance.h"
#include "runtime/socket_probe.h"

namespace injector::runtime {

enum class Command {
  kNone,
  kDiscover,
  kRun,
  kPublish,
  kSubscribe,
  kGet,
  kSet,
  kDelete,
  kQuery,
  kInvoke,
  kRead,
  kSecret,
};

struct Arguments {
  Command command = Command::kNone;
  bool json = false;
  bool no_colour = false;
  std::string folder;  // of the sockets, absolute
  ProbeOptions probe;

  bool watch = false;  // discover, run

  // Calls.
  std::string name;                     // of the component, or of a manifest in `resources`
  std::vector<std::string> words = {};  // what the command takes behind the name
  std::string instance;                 // "" is `name`
  Properties init;                      // metadata for Init
  Properties metadata;                  // of the call
  std::optional<std::string> etag = {};
  std::string content_type;
  bool first_write = false;
  bool reject = false;    // subscribe, read: answers that the message was not processed
  std::size_t count = 0;  // subscribe, read: ends after so many messages; 0 is never
  std::chrono::milliseconds timeout{10000};

  std::vector<std::string> resources;  // folders of manifests
  std::string app_id;
};

}  // namespace injector::runtime
