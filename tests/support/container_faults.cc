#include "tests/support/container_faults.h"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string_view>

namespace injector::test {
namespace {

using nlohmann::json;

bool OnlyOf(const std::string& text, const char* legal) {
  return text.find_first_not_of(legal) == std::string::npos;
}

constexpr const char* kLower = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr const char* kKey = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

// Member or null.
const json& Get(const json& object, std::string_view key) {
  static const json kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string TextOf(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool IsLegalKey(const std::string& key) {
  return !key.empty() && OnlyOf(key, kKey) && key != "." && key.rfind("..", 0) != 0;
}

// The value as a double: near enough to tell 1 from 2.
double Amount(const json& value) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string unit = end;
  const std::pair<const char*, double> units[] = {{"", 1},
                                                  {"n", 1e-9},
                                                  {"u", 1e-6},
                                                  {"m", 1e-3},
                                                  {"k", 1e3},
                                                  {"M", 1e6},
                                                  {"G", 1e9},
                                                  {"T", 1e12},
                                                  {"P", 1e15},
                                                  {"E", 1e18},
                                                  {"Ki", 1024.0},
                                                  {"Mi", 1048576.0},
                                                  {"Gi", 1073741824.0},
                                                  {"Ti", 1099511627776.0},
                                                  {"Pi", 1125899906842624.0},
                                                  {"Ei", 1152921504606846976.0}};
  for (const auto& [name, factor] : units) {
    if (unit == name && end != text.c_str()) return number * factor;
  }
  return -1;
}

class Examination {
 public:
  explicit Examination(const json& container) : container_(container) {}

  std::vector<std::string> Run(bool init) && {
    Basics(init);
    Types();
    Ports();
    Env();
    Mounts();
    for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) Probe(probe);
    for (const char* hook : {"postStart", "preStop"}) {
      Handler(Get(Get(container_, "lifecycle"), hook), hook, {"exec", "httpGet", "tcpSocket"});
    }
    Resources();
    Security();
    return std::move(faults_);
  }

 private:
  void Must(bool holds, const std::string& rule) {
    if (!holds) faults_.push_back("container " + TextOf(Get(container_, "name")) + ": " + rule);
  }

  void OneOf(const json& value, std::set<std::string> words, const std::string& rule) {
    if (!value.is_null()) Must(value.is_string() && words.contains(TextOf(value)), rule);
  }

  void Basics(bool init) {
    Must(IsLabel(TextOf(Get(container_, "name"))), "name is a DNS label");
    const std::string image = TextOf(Get(container_, "image"));
    const auto is_visible = [](char c) { return c > ' ' && c < 0x7f; };
    Must(!image.empty() && is_visible(image.front()) && is_visible(image.back()),
         "image without blanks");
    const json& policy = Get(container_, "restartPolicy");
    Must(policy.is_null() || (init && policy == "Always"), "restartPolicy only Always, on init");
    Must(Get(container_, "volumeDevices").empty(), "no volumeDevices");
    Must(!container_.contains("targetContainerName"), "no ephemeral field");
    OneOf(Get(container_, "imagePullPolicy"), {"Always", "Never", "IfNotPresent", ""}, "policy");
    OneOf(Get(container_, "terminationMessagePolicy"), {"File", "FallbackToLogsOnError", ""},
          "termination policy");
    Must(Get(Get(container_, "lifecycle"), "stopSignal").is_null(), "no stopSignal");
  }

  void Types() {
    for (const char* key : {"command", "args"}) {
      const json& list = Get(container_, key);
      Must(list.is_null() || list.is_array(), std::string(key) + " is a list");
      for (const json& element : list) Must(element.is_string(), std::string(key) + " of strings");
    }
    for (const char* key : {"tty", "stdin", "stdinOnce"}) {
      const json& value = Get(container_, key);
      Must(value.is_null() || value.is_boolean(), std::string(key) + " is a boolean");
    }
    for (const char* key : {"env", "envFrom", "ports", "volumeMounts"}) {
      const json& list = Get(container_, key);
      Must(list.is_null() || list.is_array(), std::string(key) + " is a list");
      for (const json& element : list) Must(element.is_object(), std::string(key) + " of objects");
    }
    for (const char* key : {"workingDir", "terminationMessagePath"}) {
      const json& value = Get(container_, key);
      Must(value.is_null() || value.is_string(), std::string(key) + " is a string");
    }
    for (const char* key : {"resources", "securityContext", "lifecycle"}) {
      const json& value = Get(container_, key);
      Must(value.is_null() || value.is_object(), std::string(key) + " is an object");
    }
  }

  static bool IsNumber(const json& value, std::int64_t least, std::int64_t most) {
    return value.is_number_integer() && value >= least && value <= most;
  }

  void Ports() {
    std::set<std::string> names;
    for (const json& port : Get(container_, "ports")) {
      Must(IsNumber(Get(port, "containerPort"), 1, 65535), "containerPort in range");
      const json& host_port = Get(port, "hostPort");
      Must(host_port.is_null() || IsNumber(host_port, 0, 65535), "hostPort in range");
      OneOf(Get(port, "protocol"), {"TCP", "UDP", "SCTP", ""}, "protocol");
      const std::string name = TextOf(Get(port, "name"));
      if (name.empty()) continue;
      Must(IsLabel(name) && name.size() <= 15, "port name is legal");
      Must(names.insert(name).second, "port name " + name + " is unique");
    }
  }

  void Env() {
    for (const json& variable : Get(container_, "env")) {
      const std::string name = TextOf(Get(variable, "name"));
      Must(IsLegalKey(name) && (name.front() < '0' || name.front() > '9'), "env name is legal");
      const json& value = Get(variable, "value");
      Must(value.is_null() || value.is_string(), "env value is a string");
      const json& source = Get(variable, "valueFrom");
      if (source.is_null()) continue;
      int sources = 0;
      for (const char* key : {"fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"}) {
        if (Get(source, key).is_object()) ++sources;
      }
      Must(sources == 1 && TextOf(value).empty(), "valueFrom has one source and no value");
      for (const char* key : {"configMapKeyRef", "secretKeyRef"}) {
        const json& reference = Get(source, key);
        if (reference.is_null()) continue;
        Must(IsLegalKey(TextOf(Get(reference, "key"))), "key is legal");
        Must(OnlyOf(TextOf(Get(reference, "name")), "abcdefghijklmnopqrstuvwxyz0123456789-.") &&
                 !TextOf(Get(reference, "name")).empty(),
             "name is legal");
      }
    }
  }

  void Mounts() {
    std::set<std::string> paths;
    const json& privileged = Get(Get(container_, "securityContext"), "privileged");
    for (const json& mount : Get(container_, "volumeMounts")) {
      const std::string path = TextOf(Get(mount, "mountPath"));
      Must(!path.empty() && path.find(':') == std::string::npos, "mountPath is legal");
      std::string clean = std::filesystem::path(path).lexically_normal().string();
      while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
      Must(paths.insert(clean).second, "mountPath " + clean + " is unique");
      const std::string sub = "/" + TextOf(Get(mount, "subPath")) + "/";
      Must(sub.find("/../") == std::string::npos && sub.rfind("//x", 0) != 0, "subPath descends");
      const std::string propagation = TextOf(Get(mount, "mountPropagation"));
      Must(propagation != "Bidirectional" || privileged == true, "Bidirectional is privileged");
      const json& recursive = Get(mount, "recursiveReadOnly");
      OneOf(recursive, {"Disabled", "IfPossible", "Enabled"}, "recursiveReadOnly");
      if (recursive == "Enabled") Must(Get(mount, "readOnly") == true, "recursive is read-only");
    }
  }

  void Handler(const json& holder, const std::string& what, std::set<std::string> kinds) {
    if (holder.is_null()) return;
    int handlers = 0;
    for (const std::string& kind : kinds) {
      const json& action = Get(holder, kind);
      if (action.is_null()) continue;
      ++handlers;
      if (kind == "exec") {
        Must(!Get(action, "command").empty(), what + " has a command");
        continue;
      }
      const json& port = Get(action, "port");
      const bool named = port.is_string() && kind != "grpc" && IsLabel(TextOf(port));
      Must(named || IsNumber(port, 1, 65535), what + " has a port");
    }
    Must(handlers == 1, what + " has one handler");
  }

  void Probe(const std::string& name) {
    const json& probe = Get(container_, name);
    if (probe.is_null()) return;
    Handler(probe, name, {"exec", "httpGet", "tcpSocket", "grpc"});
    for (const char* key : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                            "successThreshold", "failureThreshold"}) {
      const json& number = Get(probe, key);
      Must(number.is_null() || IsNumber(number, 0, 2147483647), name + " " + key);
    }
    const json& successes = Get(probe, "successThreshold");
    Must(name == "readinessProbe" || successes.is_null() || successes <= 1, name + " successes");
    const json& grace = Get(probe, "terminationGracePeriodSeconds");
    Must(grace.is_null() || (name != "readinessProbe" && grace > 0), name + " grace");
  }

  void Resources() {
    const json& resources = Get(container_, "resources");
    const json& limits = Get(resources, "limits");
    for (const auto& [name, amount] : limits.items()) {
      Must(Amount(amount) >= 0, "limit of " + name + " is a quantity");
    }
    for (const auto& [name, amount] : Get(resources, "requests").items()) {
      Must(Amount(amount) >= 0, "request of " + name + " is a quantity");
      const bool standard = name == "cpu" || name == "memory" || name == "ephemeral-storage";
      Must(standard || name.find('/') != std::string::npos || name.rfind("hugepages-", 0) == 0,
           "resource " + name + " is known");
      Must(standard || limits.contains(name), "limit of " + name + " is given");
      if (!limits.contains(name)) continue;
      Must(Amount(amount) <= Amount(limits[name]) * 1.0000001, "request within limit of " + name);
    }
  }

  void Security() {
    const json& context = Get(container_, "securityContext");
    for (const char* key : {"runAsUser", "runAsGroup"}) {
      const json& id = Get(context, key);
      Must(id.is_null() || IsNumber(id, 0, 2147483647), std::string(key) + " in range");
    }
    if (Get(context, "allowPrivilegeEscalation") == false) {
      Must(Get(context, "privileged") != true, "no escalation while privileged");
      for (const json& added : Get(Get(context, "capabilities"), "add")) {
        Must(added != "CAP_SYS_ADMIN" && added != "SYS_ADMIN", "no escalation with SYS_ADMIN");
      }
    }
    for (const char* key : {"seccompProfile", "appArmorProfile"}) {
      const json& profile = Get(context, key);
      if (profile.is_null()) continue;
      const bool local = Get(profile, "type") == "Localhost";
      OneOf(Get(profile, "type"), {"Localhost", "RuntimeDefault", "Unconfined"}, key);
      Must(local != Get(profile, "localhostProfile").is_null(), "profile fits its type");
    }
  }

  const json& container_;
  std::vector<std::string> faults_;
};

}  // namespace

bool IsLabel(const std::string& name) {
  return !name.empty() && name.size() <= 63 && OnlyOf(name, kLower) && name.front() != '-' &&
         name.back() != '-';
}

std::vector<std::string> ContainerFaults(const json& container, bool init) {
  return Examination(container).Run(init);
}

}  // namespace injector::test
