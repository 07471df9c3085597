#include "patch/container_schema.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "patch/container_json.h"
#include "patch/container_rules.h"

namespace injector::patch {
namespace {

using nlohmann::json;

// ---- The table ----

enum class Type { kString, kWord, kBool, kInt32, kInt64, kQuantity, kIntOrString, kObject };
enum class Shape { kOne, kList, kMap };

struct Entry {
  std::string_view name;
  Type type;
  Shape shape = Shape::kOne;
  const Entry* members = nullptr;           // of kObject
  const std::string_view* words = nullptr;  // of kWord
  std::size_t count = 0;                    // of members or words
};

constexpr Entry ListOf(Entry entry) {
  entry.shape = Shape::kList;
  return entry;
}
constexpr Entry MapOf(Entry entry) {
  entry.shape = Shape::kMap;
  return entry;
}
constexpr Entry String(std::string_view name) {
  return {name, Type::kString};
}
constexpr Entry Bool(std::string_view name) {
  return {name, Type::kBool};
}
constexpr Entry Int32(std::string_view name) {
  return {name, Type::kInt32};
}
constexpr Entry Int64(std::string_view name) {
  return {name, Type::kInt64};
}
constexpr Entry AQuantity(std::string_view name) {
  return {name, Type::kQuantity};
}
constexpr Entry IntOrString(std::string_view name) {
  return {name, Type::kIntOrString};
}
template <std::size_t N>
constexpr Entry Word(std::string_view name, const std::string_view (&words)[N]) {
  return {name, Type::kWord, Shape::kOne, nullptr, words, N};
}
template <std::size_t N>
constexpr Entry Object(std::string_view name, const Entry (&members)[N]) {
  return {name, Type::kObject, Shape::kOne, members, nullptr, N};
}

// "" stands where the server puts its default in the place of an empty word.
constexpr std::string_view kPullPolicies[] = {"Always", "IfNotPresent", "Never", ""};
constexpr std::string_view kMessagePolicies[] = {"File", "FallbackToLogsOnError", ""};
constexpr std::string_view kRestartPolicies[] = {"Always", "OnFailure", "Never", ""};
constexpr std::string_view kResizePolicies[] = {"NotRequired", "RestartContainer"};
constexpr std::string_view kResizable[] = {"cpu", "memory"};
constexpr std::string_view kProtocols[] = {"TCP", "UDP", "SCTP", ""};
constexpr std::string_view kSchemes[] = {"HTTP", "HTTPS", ""};
constexpr std::string_view kPropagations[] = {"None", "HostToContainer", "Bidirectional"};
constexpr std::string_view kRecursiveReadOnly[] = {"Disabled", "IfPossible", "Enabled"};
constexpr std::string_view kProcMounts[] = {"Default", "Unmasked"};
constexpr std::string_view kProfileTypes[] = {"RuntimeDefault", "Unconfined", "Localhost"};

constexpr Entry kPort[] = {String("name"), Int32("containerPort"), Int32("hostPort"),
                           String("hostIP"), Word("protocol", kProtocols)};

constexpr Entry kFieldRef[] = {String("apiVersion"), String("fieldPath")};
constexpr Entry kResourceFieldRef[] = {String("containerName"), String("resource"),
                                       AQuantity("divisor")};
constexpr Entry kKeyRef[] = {String("name"), String("key"), Bool("optional")};
constexpr Entry kFileKeyRef[] = {String("volumeName"), String("path"), String("key"),
                                 Bool("optional")};
constexpr Entry kValueFrom[] = {Object("fieldRef", kFieldRef),
                                Object("resourceFieldRef", kResourceFieldRef),
                                Object("configMapKeyRef", kKeyRef), Object("secretKeyRef", kKeyRef),
                                Object("fileKeyRef", kFileKeyRef)};
constexpr Entry kEnv[] = {String("name"), String("value"), Object("valueFrom", kValueFrom)};
constexpr Entry kEnvSource[] = {String("name"), Bool("optional")};
constexpr Entry kEnvFrom[] = {String("prefix"), Object("configMapRef", kEnvSource),
                              Object("secretRef", kEnvSource)};

constexpr Entry kClaim[] = {String("name"), String("request")};
constexpr Entry kResources[] = {MapOf(AQuantity("limits")), MapOf(AQuantity("requests")),
                                ListOf(Object("claims", kClaim))};
constexpr Entry kResizePolicy[] = {Word("resourceName", kResizable),
                                   Word("restartPolicy", kResizePolicies)};
constexpr Entry kExitCodes[] = {String("operator"), ListOf(Int32("values"))};
constexpr Entry kRestartRule[] = {String("action"), Object("exitCodes", kExitCodes)};

constexpr Entry kMount[] = {
    String("name"),       Bool("readOnly"),  Word("recursiveReadOnly", kRecursiveReadOnly),
    String("mountPath"),  String("subPath"), Word("mountPropagation", kPropagations),
    String("subPathExpr")};
constexpr Entry kDevice[] = {String("name"), String("devicePath")};

constexpr Entry kExec[] = {ListOf(String("command"))};
constexpr Entry kHttpHeader[] = {String("name"), String("value")};
constexpr Entry kHttpGet[] = {String("path"), IntOrString("port"), String("host"),
                              Word("scheme", kSchemes), ListOf(Object("httpHeaders", kHttpHeader))};
constexpr Entry kTcpSocket[] = {IntOrString("port"), String("host")};
constexpr Entry kGrpc[] = {Int32("port"), String("service")};
constexpr Entry kSleep[] = {Int64("seconds")};
constexpr Entry kProbe[] = {
    Object("exec", kExec),           Object("httpGet", kHttpGet),
    Object("tcpSocket", kTcpSocket), Object("grpc", kGrpc),
    Int32("initialDelaySeconds"),    Int32("timeoutSeconds"),
    Int32("periodSeconds"),          Int32("successThreshold"),
    Int32("failureThreshold"),       Int64("terminationGracePeriodSeconds")};
constexpr Entry kHandler[] = {Object("exec", kExec), Object("httpGet", kHttpGet),
                              Object("tcpSocket", kTcpSocket), Object("sleep", kSleep)};
constexpr Entry kLifecycle[] = {Object("postStart", kHandler), Object("preStop", kHandler),
                                String("stopSignal")};

constexpr Entry kCapabilities[] = {ListOf(String("add")), ListOf(String("drop"))};
constexpr Entry kSeLinux[] = {String("user"), String("role"), String("type"), String("level")};
constexpr Entry kWindows[] = {String("gmsaCredentialSpecName"), String("gmsaCredentialSpec"),
                              String("runAsUserName"), Bool("hostProcess")};
constexpr Entry kProfile[] = {Word("type", kProfileTypes), String("localhostProfile")};
constexpr Entry kSecurityContext[] = {Object("capabilities", kCapabilities),
                                      Bool("privileged"),
                                      Object("seLinuxOptions", kSeLinux),
                                      Object("windowsOptions", kWindows),
                                      Int64("runAsUser"),
                                      Int64("runAsGroup"),
                                      Bool("runAsNonRoot"),
                                      Bool("readOnlyRootFilesystem"),
                                      Bool("allowPrivilegeEscalation"),
                                      Word("procMount", kProcMounts),
                                      Object("seccompProfile", kProfile),
                                      Object("appArmorProfile", kProfile)};

constexpr Entry kContainer[] = {String("name"),
                                String("image"),
                                ListOf(String("command")),
                                ListOf(String("args")),
                                String("workingDir"),
                                ListOf(Object("ports", kPort)),
                                ListOf(Object("envFrom", kEnvFrom)),
                                ListOf(Object("env", kEnv)),
                                Object("resources", kResources),
                                ListOf(Object("resizePolicy", kResizePolicy)),
                                Word("restartPolicy", kRestartPolicies),
                                ListOf(Object("restartPolicyRules", kRestartRule)),
                                ListOf(Object("volumeMounts", kMount)),
                                ListOf(Object("volumeDevices", kDevice)),
                                Object("livenessProbe", kProbe),
                                Object("readinessProbe", kProbe),
                                Object("startupProbe", kProbe),
                                Object("lifecycle", kLifecycle),
                                String("terminationMessagePath"),
                                Word("terminationMessagePolicy", kMessagePolicies),
                                Word("imagePullPolicy", kPullPolicies),
                                Object("securityContext", kSecurityContext),
                                Bool("stdin"),
                                Bool("stdinOnce"),
                                Bool("tty")};

constexpr Entry kRoot = Object("", kContainer);

// ---- The check ----

constexpr std::size_t kMaxUnknownFields = 16;
constexpr std::size_t kMaxQuoted = 60;

// What messages say of a value where free text belongs: it may be a secret.
std::string KindOf(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_string()) return "a string";
  if (value.is_boolean()) return "a boolean";
  return value.is_number() ? "a number" : "null";
}

// The same where a word or a number belongs: the value itself.
std::string Found(const json& value) {
  if (value.is_structured()) return KindOf(value);
  std::string text = value.dump();
  if (text.size() <= kMaxQuoted) return text;
  return value.is_string() ? "a string of " + std::to_string(Text(value).size()) + " bytes"
                           : text.substr(0, kMaxQuoted);
}

bool FitsInteger(const json& value, std::int64_t least, std::int64_t most) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
  }
  return value.get<std::int64_t>() >= least && value.get<std::int64_t>() <= most;
}

bool FitsInt32(const json& value) {
  using Limits = std::numeric_limits<std::int32_t>;
  return FitsInteger(value, Limits::min(), Limits::max());
}

bool FitsInt64(const json& value) {
  using Limits = std::numeric_limits<std::int64_t>;
  return FitsInteger(value, Limits::min(), Limits::max());
}

bool IsWord(const Entry& entry, const json& value) {
  const auto* end = entry.words + entry.count;
  return value.is_string() && std::find(entry.words, end, Text(value)) != end;
}

std::string WordsOf(const Entry& entry) {
  std::string words;
  for (std::size_t i = 0; i < entry.count; ++i) {
    if (entry.words[i].empty()) continue;
    words += (words.empty() ? "" : ", ") + std::string(entry.words[i]);
  }
  return words;
}

bool Fits(const Entry& entry, const json& value) {
  switch (entry.type) {
    case Type::kString:
      return value.is_string();
    case Type::kWord:
      return IsWord(entry, value);
    case Type::kBool:
      return value.is_boolean();
    case Type::kInt32:
      return FitsInt32(value);
    case Type::kInt64:
      return FitsInt64(value);
    case Type::kQuantity:
      return QuantityOf(value).has_value();
    case Type::kIntOrString:
      return value.is_string() || FitsInt32(value);
    case Type::kObject:
      return value.is_object();
  }
  return false;
}

std::string Expected(const Entry& entry) {
  switch (entry.type) {
    case Type::kString:
      return "a string";
    case Type::kWord:
      return "one of " + WordsOf(entry);
    case Type::kBool:
      return "a boolean";
    case Type::kInt32:
      return "an integer of 32 bits";
    case Type::kInt64:
      return "an integer of 64 bits";
    case Type::kQuantity:
      return "a quantity such as 500m or 1.5Gi";
    case Type::kIntOrString:
      return "a port's number or name";
    case Type::kObject:
      return "an object";
  }
  return "";
}

class TypeCheck {
 public:
  Result<std::vector<std::string>> Run(const json& container) && {
    CheckOne(kRoot, container, JsonPlace{});
    if (fault_.error()) return tl::unexpected(*fault_.error());
    return std::move(unknown_);
  }

 private:
  void CheckField(const Entry& entry, const json& value, const JsonPlace& at) {
    if (value.is_null()) return;
    if (entry.shape == Shape::kOne) return CheckOne(entry, value, at);
    if (entry.shape == Shape::kList) return CheckList(entry, value, at);
    CheckMap(entry, value, at);
  }

  void CheckOne(const Entry& entry, const json& value, const JsonPlace& at) {
    if (!Fits(entry, value)) {
      const bool free_text = entry.type == Type::kString || entry.type == Type::kObject;
      return Fault(Expected(entry), free_text ? KindOf(value) : Found(value), at);
    }
    if (entry.type != Type::kObject) return;
    for (const auto& [key, member] : value.items()) {
      const JsonPlace place{&at, key};
      const Entry* end = entry.members + entry.count;
      const Entry* known = std::find_if(
          entry.members, end, [&name = key](const Entry& one) { return one.name == name; });
      if (known != end) {
        CheckField(*known, member, place);
      } else if (unknown_.size() < kMaxUnknownFields) {
        unknown_.push_back(place.Pointer());
      }
    }
  }

  void CheckList(const Entry& entry, const json& list, const JsonPlace& at) {
    if (!list.is_array()) return Fault("an array", KindOf(list), at);
    std::size_t index = 0;
    for (const json& element : list) CheckOne(entry, element, {&at, {}, index++, true});
  }

  void CheckMap(const Entry& entry, const json& map, const JsonPlace& at) {
    if (!map.is_object()) return Fault("an object", KindOf(map), at);
    for (const auto& [key, value] : map.items()) CheckOne(entry, value, {&at, key});
  }

  void Fault(const std::string& expected, const std::string& found, const JsonPlace& at) {
    fault_.Add(at, "expected " + expected + ", found " + found);
  }

  FirstFault fault_;
  std::vector<std::string> unknown_;
};

}  // namespace

Result<std::vector<std::string>> CheckContainer(const json& container) {
  auto unknown = TypeCheck().Run(container);
  if (!unknown) return unknown;
  if (auto fault = FindBrokenRule(container)) return tl::unexpected(*std::move(fault));
  return unknown;
}

}  // namespace injector::patch
