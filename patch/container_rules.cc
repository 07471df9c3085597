#include "patch/container_rules.h"

#include <set>
#include <string>
#include <utility>

#include "patch/names.h"

namespace injector::patch {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxPort = 65535;

// No part of the path leads upwards, and it does not begin at the root.
bool IsDescending(std::string_view path) {
  if (path.starts_with('/')) return false;
  while (true) {
    const auto slash = path.find('/');
    if (path.substr(0, slash) == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

void CheckPortName(const json& port, const JsonPlace& at, std::set<std::string_view>& taken,
                   FirstFault& fault) {
  const std::string_view name = Text(Field(port, "name"));
  if (name.empty()) return;
  const JsonPlace place{&at, "name"};
  if (!IsPortName(name)) {
    fault.Add(place, "expected at most 15 lower-case letters, digits and '-', at least one letter");
  }
  if (!taken.insert(name).second) fault.Add(place, "another port has this name");
}

void CheckSubPath(const json& mount, const JsonPlace& at, FirstFault& fault) {
  for (const char* key : {"subPath", "subPathExpr"}) {
    if (!IsDescending(Text(Field(mount, key)))) {
      fault.Add({&at, key}, "expected a relative path without \"..\"");
    }
  }
  if (!Text(Field(mount, "subPath")).empty() && !Text(Field(mount, "subPathExpr")).empty()) {
    fault.Add({&at, "subPathExpr"}, "not allowed beside subPath");
  }
}

void CheckPropagation(const json& mount, const JsonPlace& at, bool privileged, FirstFault& fault) {
  const std::string_view propagation = Text(Field(mount, "mountPropagation"));
  if (propagation == "Bidirectional" && !privileged) {
    fault.Add({&at, "mountPropagation"}, "Bidirectional is for privileged containers only");
  }
  const std::string_view recursive = Text(Field(mount, "recursiveReadOnly"));
  if (recursive.empty() || recursive == "Disabled") return;
  const JsonPlace place{&at, "recursiveReadOnly"};
  if (!IsTrue(Field(mount, "readOnly"))) fault.Add(place, "allowed only with readOnly: true");
  if (!propagation.empty() && propagation != "None") {
    fault.Add(place, "not allowed beside mountPropagation " + std::string(propagation));
  }
}

void CheckMountPath(const json& mount, const JsonPlace& at, std::set<std::string>& taken,
                    FirstFault& fault) {
  const std::string_view path = Text(Field(mount, "mountPath"));
  const JsonPlace place{&at, "mountPath"};
  if (path.empty()) fault.Add(place, "expected a path, found none");
  if (path.find(':') != std::string_view::npos) fault.Add(place, "a path must not hold ':'");
  if (!taken.insert(CleanPath(path)).second) {
    fault.Add(place, "another volume is mounted at this path");
  }
}

}  // namespace

void CheckImage(const json& container, const JsonPlace& at, FirstFault& fault) {
  const std::string_view image = Text(Field(container, "image"));
  if (!image.empty() && !HasNoBlanksAround(image)) {
    fault.Add({&at, "image"}, "expected an image without blanks around it");
  }
}

void CheckForeignFields(const json& container, const JsonPlace& at, FirstFault& fault) {
  if (!Field(container, "volumeDevices").empty()) {
    fault.Add({&at, "volumeDevices"}, "block devices are not supported");
  }
  if (!Field(container, "restartPolicyRules").empty()) {
    fault.Add({&at, "restartPolicyRules"}, "not supported: components are always restarted");
  }
  if (!Field(container, "targetContainerName").is_null()) {
    fault.Add({&at, "targetContainerName"}, "only ephemeral containers have this field");
  }
}

void CheckPorts(const json& container, const JsonPlace& at, FirstFault& fault) {
  std::set<std::string_view> names;
  std::set<std::pair<std::string_view, std::int64_t>> on_host;
  ForEachElement(container, at, "ports", [&](const json& port, const JsonPlace& place) {
    CheckPortName(port, place, names, fault);
    const std::int64_t number = Integer(Field(port, "containerPort"));
    if (number < 1 || number > kMaxPort) {
      fault.Add({&place, "containerPort"}, "expected a port from 1 to 65535");
    }
    const std::int64_t host_port = Integer(Field(port, "hostPort"));
    if (host_port < 0 || host_port > kMaxPort) {
      fault.Add({&place, "hostPort"}, "expected a port from 0 to 65535");
    }
    const std::string_view protocol = Text(Field(port, "protocol"));
    if (host_port != 0 &&
        !on_host.insert({protocol.empty() ? "TCP" : protocol, host_port}).second) {
      fault.Add({&place, "hostPort"}, "another port takes this port of the node");
    }
  });
}

void CheckMounts(const json& container, const JsonPlace& at, FirstFault& fault) {
  const bool privileged = IsTrue(Field(Field(container, "securityContext"), "privileged"));
  std::set<std::string> paths;
  ForEachElement(container, at, "volumeMounts", [&](const json& mount, const JsonPlace& place) {
    if (!IsDnsLabel(Text(Field(mount, "name")))) {
      fault.Add({&place, "name"}, "expected a volume's name, which is a DNS label");
    }
    CheckMountPath(mount, place, paths, fault);
    CheckSubPath(mount, place, fault);
    CheckPropagation(mount, place, privileged, fault);
  });
}

std::optional<Error> FindBrokenRule(const json& container) {
  constexpr JsonPlace kRoot;
  FirstFault fault;
  for (const auto check :
       {CheckImage, CheckForeignFields, CheckPorts, CheckMounts, CheckEnv, CheckEnvFrom,
        CheckProbes, CheckLifecycle, CheckResources, CheckResizePolicy, CheckSecurityContext}) {
    check(container, kRoot, fault);
  }
  return fault.error();
}

}  // namespace injector::patch
