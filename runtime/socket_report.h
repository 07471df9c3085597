#pragma once

// What became of one entry of the socket folder, and what daprd would have done about it.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/component_kind.h"
#include "runtime/socket_files.h"

namespace injector::runtime {

enum class Verdict {
  kServes,           // a component that daprd would find
  kClosed,           // answers, but the mode of its socket keeps daprd's user out
  kNoComponent,      // answers, and has no component service
  kNotASocket,       // a file, a link or a folder
  kNameless,         // ".sock": a name without a component's name
  kPathTooLong,      // no process can connect to it
  kVanished,         // gone between listing and asking
  kDenied,           // this user has no permission to connect
  kStale,            // nobody listens: left by a process that was killed
  kMute,             // accepts connections and does not answer as HTTP/2 server
  kV1Only,           // has reflection v1, but not v1alpha
  kNoReflection,     // has no reflection at all
  kReflectionMute,   // reflection does not answer within its deadline
  kReflectionFails,  // reflection answers with an error
  kUnreachable,      // any other fault of the connection
};

enum class DaprdEffect {
  kRegisters,   // the component can be used
  kPassesOver,  // nothing happens
  kHangs,       // daprd waits for it for ever and finds nothing else
  kAborts,      // daprd gives up its search: no component is registered, not even earlier ones
};

struct SocketReport {
  FolderEntry entry;
  std::string component;  // ComponentNameOf(entry.name)
  Verdict verdict = Verdict::kVanished;
  std::string detail;                 // one sentence: what was seen
  std::string advice;                 // what to do; "" when nothing
  std::vector<Kind> kinds;            // in the order of kKinds
  std::vector<std::string> services;  // as listed
  std::string reflection;             // the version that answered; "" when none did
  std::chrono::microseconds took{0};  // until the services were listed
};

// The word for it in tables and JSON: "serves", "stale", "v1-only".
[[nodiscard]] std::string_view WordOf(Verdict verdict);
// "registers", "passes over", "hangs", "aborts".
[[nodiscard]] std::string_view WordOf(DaprdEffect effect);

// Source: Dapr's runtime, the search for pluggable components (same in 1.14 and 1.18).
[[nodiscard]] DaprdEffect EffectOf(Verdict verdict);

// Whether somebody should act on it.
[[nodiscard]] bool IsBroken(Verdict verdict);

}  // namespace injector::runtime
