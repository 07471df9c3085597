#pragma once

// What the command line asks of component-probe.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cluster_manifests.h"
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
  kConformance,
  kBench,
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

  // conformance, bench
  Kind kind = Kind::kState;
  std::chrono::milliseconds patience{5000};
  std::string start;  // a command that starts the component; "" when it runs already
  std::string data = "conformance";
  std::size_t callers = 8;
  std::chrono::milliseconds duration{2000};

  bool from_cluster = false;  // in place of `resources`
  ClusterChoice cluster;
  std::vector<std::string> resources;  // folders of manifests
  std::string app_id;
};

}  // namespace injector::runtime
