#include "tests/support/random_container.h"

#include <cstdint>
#include <string_view>

namespace injector::test {
namespace {

using nlohmann::json;

constexpr const char* kImages[] = {"r/redis:1", "r/kafka:1", "r/other@sha256:ab", "x"};
constexpr const char* kNames[] = {"redis", "kafka", "app", "daprd",  "wait-for-sockets",
                                  "a.b",   "Upper", "-",   "redis-2"};
constexpr const char* kEnvNames[] = {"A", "B_1", "DAPR_COMPONENT_SOCKETS_FOLDER",
                                     "DAPR_COMPONENTS_SOCKETS_FOLDER", "a.b-c"};
constexpr const char* kBadEnvNames[] = {"1A", "", "A=B", "..", "a b"};
constexpr const char* kVolumes[] = {
    "data", "cache", "dapr-components-unix-domain-socket", "dapr-unix-domain-socket",
    "own",  "own-2"};
constexpr const char* kBadVolumes[] = {"dapr-identity-token", "kube-api-access-1", "a.b", ""};
constexpr const char* kPaths[] = {"/data", "/cache/", "/tmp//dapr-components-sockets/", "relative",
                                  "/"};
constexpr const char* kBadPaths[] = {"", "/a:b", "/data/", "/tmp/dapr-components-sockets"};
constexpr std::int64_t kPorts[] = {1, 80, 3500, 3501, 9090, 50001, 50002, 65535};
constexpr std::int64_t kBadNumbers[] = {0, -1, 65536, 2147483648, -9000000000};
constexpr const char* kPortNames[] = {"http", "grpc", "a-1", "dapr-http"};
constexpr const char* kQuantities[] = {"1", "2", "1Gi", "1G", "0", "1e3", "8Mi"};
constexpr const char* kBadQuantities[] = {"-1", "1GB", "", "1 ", "1500m"};
constexpr const char* kResources[] = {"cpu", "memory", "ephemeral-storage", "example.com/gpu"};
constexpr const char* kBadResources[] = {"gpu", "hugepages-2Mi", "", "a/b/c"};
constexpr const char* kFieldPaths[] = {"metadata.name", "status.podIP", "metadata.labels['app']"};
constexpr const char* kBadFieldPaths[] = {"spec.image", "status.hostIPs", "metadata.labels"};

// Makes one container; a careful maker makes no faults.
class Maker {
 public:
  Maker(RandomSource& random, bool careful) : random_(random), careful_(careful) {}

  json Container() {
    json container = {{"image", Fault(3) ? " r/x " : random_.Pick(kImages)}};
    if (Fault(3)) container.erase("image");
    if (random_.Chance(40)) container["name"] = random_.Pick(kNames);
    if (random_.Chance(30)) container["args"] = {"--flag", "$(A)"};
    if (random_.Chance(40)) container["ports"] = Ports();
    if (random_.Chance(50)) container["env"] = Env();
    if (random_.Chance(50)) container["volumeMounts"] = Mounts();
    if (random_.Chance(10)) container["envFrom"] = {{{"secretRef", {{"name", "s"}}}}};
    AddRunningFields(container);
    return container;
  }

 private:
  bool Fault(std::size_t percent) { return !careful_ && random_.Chance(percent); }

  json Ports() {
    json ports = json::array();
    for (const char* name : kPortNames) {
      if (!random_.Chance(40)) continue;
      json port = {{"containerPort", Fault(5) ? random_.Pick(kBadNumbers) : random_.Pick(kPorts)}};
      if (random_.Chance(60)) port["name"] = Fault(5) ? "80" : Fault(5) ? "http" : name;
      const auto host_port = static_cast<std::int64_t>(30000 + ports.size());
      if (random_.Chance(15)) port["hostPort"] = Fault(30) ? 30000 : host_port;
      if (random_.Chance(20)) port["protocol"] = Fault(10) ? "udp" : "UDP";
      ports.push_back(std::move(port));
    }
    return ports;
  }

  json ValueFrom() {
    const char* path = Fault(10) ? random_.Pick(kBadFieldPaths) : random_.Pick(kFieldPaths);
    json source = {{"fieldRef", {{"fieldPath", path}}}};
    if (random_.Chance(40)) source = {{"secretKeyRef", {{"name", "s"}, {"key", "k"}}}};
    if (random_.Chance(10)) {
      source = {{"resourceFieldRef", {{"resource", "limits.cpu"}, {"divisor", "1m"}}}};
    }
    if (Fault(10)) source["configMapKeyRef"] = {{"name", "m"}, {"key", "k"}};
    return source;
  }

  json Env() {
    json env = json::array();
    for (const char* name : kEnvNames) {
      if (!random_.Chance(30)) continue;
      json variable = {{"name", Fault(5) ? random_.Pick(kBadEnvNames) : name}};
      const bool from = random_.Chance(20);
      if (from) variable["valueFrom"] = ValueFrom();
      if (!from || Fault(10)) variable["value"] = "v\"\n\xc3\xa4";
      env.push_back(std::move(variable));
    }
    return env;
  }

  json Mounts() {
    json mounts = json::array();
    for (const char* path : kPaths) {
      if (!random_.Chance(25)) continue;
      json mount = {{"name", Fault(5) ? random_.Pick(kBadVolumes) : random_.Pick(kVolumes)},
                    {"mountPath", Fault(10) ? random_.Pick(kBadPaths) : path}};
      if (random_.Chance(20)) mount["readOnly"] = random_.Chance(50);
      if (random_.Chance(10)) mount["subPath"] = Fault(20) ? "../b" : "a/b";
      if (Fault(5)) mount["mountPropagation"] = "Bidirectional";
      if (Fault(5)) mount["recursiveReadOnly"] = "Enabled";
      mounts.push_back(std::move(mount));
    }
    return mounts;
  }

  json Probe() {
    json probe = {{"exec", {{"command", {"/live"}}}}};
    if (random_.Chance(50)) probe = {{"grpc", {{"port", random_.Pick(kPorts)}}}};
    if (random_.Chance(30)) probe = {{"httpGet", {{"port", "http"}}}};
    if (Fault(10)) probe["tcpSocket"] = {{"port", random_.Pick(kBadNumbers)}};
    if (random_.Chance(30)) probe["periodSeconds"] = Fault(20) ? -1 : 7;
    if (Fault(10)) probe["successThreshold"] = 2;
    if (Fault(10)) probe["terminationGracePeriodSeconds"] = 5;
    return probe;
  }

  json Resources() {
    json limits = json::object();
    for (const char* name : kResources) {
      if (random_.Chance(40)) limits[name] = random_.Pick(kQuantities);
    }
    json requests = limits;
    if (Fault(10)) requests["cpu"] = "1500m";
    if (Fault(10)) limits[random_.Pick(kBadResources)] = "4Mi";
    if (Fault(10)) limits[random_.Pick(kResources)] = random_.Pick(kBadQuantities);
    if (random_.Chance(50)) return {{"limits", limits}};
    return {{"limits", limits}, {"requests", requests}};
  }

  json SecurityContext() {
    json context = {{"allowPrivilegeEscalation", random_.Chance(30)}};
    if (Fault(30)) context["privileged"] = random_.Chance(50);
    if (random_.Chance(30)) context["runAsUser"] = Fault(10) ? -1 : 1000;
    if (Fault(20)) {
      context["capabilities"] = {{"add", {random_.Chance(50) ? "SYS_ADMIN" : "NET_ADMIN"}}};
    }
    if (random_.Chance(20)) {
      context["seccompProfile"] = {{"type", Fault(20) ? "Localhost" : "RuntimeDefault"}};
    }
    if (random_.Chance(10)) context["windowsOptions"] = {{"runAsUserName", "ContainerUser"}};
    return context;
  }

  void AddRunningFields(json& container) {
    if (random_.Chance(15)) container["livenessProbe"] = Probe();
    if (random_.Chance(15)) container["readinessProbe"] = Probe();
    if (random_.Chance(10)) container["startupProbe"] = Probe();
    if (random_.Chance(30)) container["resources"] = Resources();
    if (random_.Chance(5)) container["resources"]["claims"] = {{{"name", "claim"}}};
    if (random_.Chance(30)) container["securityContext"] = SecurityContext();
    if (random_.Chance(10)) container["restartPolicy"] = random_.Chance(50) ? "Always" : "Never";
    if (random_.Chance(10)) container["imagePullPolicy"] = Fault(20) ? "Now" : "Always";
    if (random_.Chance(5)) {
      container["lifecycle"] = {{"preStop", {{"exec", {{"command", {"/x"}}}}}}};
    }
    if (Fault(3)) container["lifecycle"]["stopSignal"] = "SIGTERM";
    if (random_.Chance(5)) container["futureField"] = {{"number", 1.5}, {"list", {1, nullptr}}};
    if (Fault(3)) container["volumeDevices"] = {{{"name", "d"}, {"devicePath", "/d"}}};
  }

  RandomSource& random_;
  bool careful_;
};

std::string DamagedText(std::string text, RandomSource& random) {
  constexpr const char* kTexts[] = {"null", "[]", "{}", "\"x\"", "{image: nope", " ", "1e400"};
  switch (random.Below(4)) {
    case 0:
      return random.Pick(kTexts);
    case 1:
      return text.substr(0, random.Below(text.size()));
    case 2:
      return text + random.Pick(kTexts);
    default:
      text[random.Below(text.size())] = static_cast<char>(random.Below(256));
      return text;
  }
}

const json& UnlikelyValue(RandomSource& random) {
  static const json kValues[] = {nullptr,
                                 true,
                                 0,
                                 -1,
                                 65536,
                                 4294967296,
                                 18446744073709551615U,
                                 1.5,
                                 -0.0,
                                 1e300,
                                 "",
                                 " ",
                                 "x",
                                 "../..",
                                 std::string(300, 'a'),
                                 std::string(1, '\0'),
                                 json::array(),
                                 json::object(),
                                 json::array({nullptr}),
                                 json::array({json::array()}),
                                 json::object({{"a", 1}}),
                                 json::object({{"", nullptr}})};
  return random.Pick(kValues);
}

}  // namespace

void Damage(json& value, RandomSource& random) {
  json* place = &value;
  while (place->is_structured() && !place->empty() && random.Chance(80)) {
    auto member = place->begin();
    std::advance(member, static_cast<std::ptrdiff_t>(random.Below(place->size())));
    place = &*member;
  }
  if (place->is_object() && random.Chance(50)) {
    (*place)["un/known~"] = UnlikelyValue(random);
  } else {
    *place = UnlikelyValue(random);
  }
}

std::string RandomContainerText(RandomSource& random) {
  const bool careful = random.Chance(60);
  json container = Maker(random, careful).Container();
  while (!careful && random.Chance(25)) Damage(container, random);
  std::string text = container.dump(random.Chance(10) ? 2 : -1);
  return !careful && random.Chance(10) ? DamagedText(std::move(text), random) : text;
}

}  // namespace injector::test
