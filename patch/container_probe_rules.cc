// Rules on probes and lifecycle hooks.

#include <algorithm>
#include <array>

#include "patch/container_rules.h"
#include "patch/names.h"

namespace injector::patch {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxPort = 65535;

void CheckPortNumber(const json& port, const JsonPlace& at, FirstFault& fault) {
  if (Integer(port) < 1 || Integer(port) > kMaxPort) {
    fault.Add(at, "expected a port from 1 to 65535");
  }
}

void CheckPort(const json& action, const JsonPlace& at, FirstFault& fault) {
  const json& port = Field(action, "port");
  const JsonPlace place{&at, "port"};
  if (!port.is_string()) return CheckPortNumber(port, place, fault);
  if (!IsPortName(Text(port))) fault.Add(place, "expected a port's number or name");
}

void CheckExec(const json& action, const JsonPlace& at, FirstFault& fault) {
  if (Field(action, "command").empty()) {
    fault.Add({&at, "command"}, "expected a command, found none");
  }
}

bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

void CheckHttpGet(const json& action, const JsonPlace& at, FirstFault& fault) {
  CheckPort(action, at, fault);
  ForEachElement(action, at, "httpHeaders", [&](const json& header, const JsonPlace& place) {
    if (!IsHeaderName(Text(Field(header, "name")))) {
      fault.Add({&place, "name"}, "expected letters, digits and '-'");
    }
  });
}

void CheckGrpc(const json& action, const JsonPlace& at, FirstFault& fault) {
  CheckPortNumber(Field(action, "port"), {&at, "port"}, fault);
}

void RefuseSleep(const json&, const JsonPlace& at, FirstFault& fault) {
  fault.Add(at,
            "not supported: servers before 1.30 do not know it, later ones compare it with the "
            "pod's terminationGracePeriodSeconds; use exec");
}

struct Handler {
  const char* key;
  void (*check)(const json&, const JsonPlace&, FirstFault&);
};

constexpr std::array<Handler, 4> kProbeHandlers = {{{"exec", CheckExec},
                                                    {"httpGet", CheckHttpGet},
                                                    {"tcpSocket", CheckPort},
                                                    {"grpc", CheckGrpc}}};
constexpr std::array<Handler, 4> kHookHandlers = {{{"exec", CheckExec},
                                                   {"httpGet", CheckHttpGet},
                                                   {"tcpSocket", CheckPort},
                                                   {"sleep", RefuseSleep}}};

void CheckOneHandler(const json& holder, const JsonPlace& at,
                     const std::array<Handler, 4>& handlers, FirstFault& fault) {
  int found = 0;
  for (const Handler& handler : handlers) {
    const json& action = Field(holder, handler.key);
    if (action.is_null()) continue;
    handler.check(action, {&at, handler.key}, fault);
    if (++found > 1) fault.Add({&at, handler.key}, "more than one handler");
  }
  if (found == 0) fault.Add(at, "expected one handler, found none");
}

void CheckProbe(const json& probe, const JsonPlace& at, FirstFault& fault) {
  CheckOneHandler(probe, at, kProbeHandlers, fault);
  for (const char* key : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                          "successThreshold", "failureThreshold"}) {
    if (Integer(Field(probe, key)) < 0) fault.Add({&at, key}, "expected 0 or more");
  }
  const json& grace = Field(probe, "terminationGracePeriodSeconds");
  if (!grace.is_null() && Integer(grace) <= 0) {
    fault.Add({&at, "terminationGracePeriodSeconds"}, "expected 1 or more");
  }
}

void CheckGatingProbe(const json& probe, const JsonPlace& at, FirstFault& fault) {
  CheckProbe(probe, at, fault);
  if (Integer(Field(probe, "successThreshold")) > 1) {
    fault.Add({&at, "successThreshold"}, "expected 1, only readiness probes may ask for more");
  }
}

void CheckReadinessProbe(const json& probe, const JsonPlace& at, FirstFault& fault) {
  CheckProbe(probe, at, fault);
  if (!Field(probe, "terminationGracePeriodSeconds").is_null()) {
    fault.Add({&at, "terminationGracePeriodSeconds"}, "not allowed in a readiness probe");
  }
}

}  // namespace

void CheckProbes(const json& container, const JsonPlace& at, FirstFault& fault) {
  const std::array<Handler, 3> probes = {{{"livenessProbe", CheckGatingProbe},
                                          {"readinessProbe", CheckReadinessProbe},
                                          {"startupProbe", CheckGatingProbe}}};
  for (const Handler& probe : probes) {
    const json& value = Field(container, probe.key);
    if (!value.is_null()) probe.check(value, {&at, probe.key}, fault);
  }
}

void CheckLifecycle(const json& container, const JsonPlace& at, FirstFault& fault) {
  const json& lifecycle = Field(container, "lifecycle");
  const JsonPlace place{&at, "lifecycle"};
  for (const char* key : {"postStart", "preStop"}) {
    const json& hook = Field(lifecycle, key);
    if (!hook.is_null()) CheckOneHandler(hook, {&place, key}, kHookHandlers, fault);
  }
  if (!Field(lifecycle, "stopSignal").is_null()) {
    fault.Add({&place, "stopSignal"}, "not supported: it needs spec.os.name in the pod");
  }
}

}  // namespace injector::patch
