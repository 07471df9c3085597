#include "tests/support/random_pod.h"

#include "tests/support/random_container.h"

namespace injector::test {
namespace {

using nlohmann::json;

constexpr const char* kContainers[] = {"app", "proxy", "redis", "kafka", "istio-proxy", "tool"};
constexpr const char* kInitContainers[] = {"istio-init", "setup", "linkerd-proxy", "redis-2",
                                           "init"};
constexpr const char* kVolumes[] = {"data",
                                    "cache",
                                    "own",
                                    "dapr-components-unix-domain-socket",
                                    "dapr-unix-domain-socket",
                                    "dapr-identity-token",
                                    "kube-api-access-1"};
constexpr const char* kPaths[] = {"/data", "/cache", "/tmp/dapr-components-sockets",
                                  "/var/run/dapr", "/var/run/secrets/kubernetes.io/serviceaccount"};
constexpr const char* kEnvNames[] = {"DAPR_HTTP_PORT", "DAPR_GRPC_PORT", "APP_PROTOCOL",
                                     "DAPR_COMPONENT_SOCKETS_FOLDER", "X"};

// Every value goes with every key: what is legal for one is hostile to the other.
constexpr const char* kKeys[] = {"dapr.io/app-port",
                                 "dapr.io/app-protocol",
                                 "dapr.io/app-ssl",
                                 "dapr.io/app-token-secret",
                                 "dapr.io/api-token-secret",
                                 "dapr.io/config",
                                 "dapr.io/enable-api-logging",
                                 "dapr.io/enable-app-health-check",
                                 "dapr.io/enable-debug",
                                 "dapr.io/enable-metrics",
                                 "dapr.io/metrics-port",
                                 "dapr.io/debug-port",
                                 "dapr.io/grpc-port",
                                 "dapr.io/internal-grpc-port",
                                 "dapr.io/sidecar-cpu-request",
                                 "dapr.io/sidecar-cpu-limit",
                                 "dapr.io/sidecar-memory-request",
                                 "dapr.io/sidecar-memory-limit",
                                 "dapr.io/sidecar-liveness-probe-delay-seconds",
                                 "dapr.io/sidecar-liveness-probe-timeout-seconds",
                                 "dapr.io/sidecar-readiness-probe-period-seconds",
                                 "dapr.io/sidecar-readiness-probe-threshold",
                                 "dapr.io/sidecar-image",
                                 "dapr.io/sidecar-seccomp-profile-type",
                                 "dapr.io/env",
                                 "dapr.io/env-from-secret",
                                 "dapr.io/unix-domain-socket-path",
                                 "dapr.io/volume-mounts",
                                 "dapr.io/volume-mounts-rw",
                                 "dapr.io/enable-native-sidecar",
                                 "dapr.io/pluggable-components",
                                 "dapr.io/pluggable-components-sockets-folder",
                                 "dapr.io/placement-host-address",
                                 "dapr.io/scheduler-host-address",
                                 "component-injector.dapr.io/component-placement",
                                 "component-injector.dapr.io/init-position",
                                 "component-injector.dapr.io/component-wait",
                                 "component-injector.dapr.io/wait-timeout",
                                 "component-injector.dapr.io/after",
                                 "component-injector.dapr.io/status",
                                 "dapr.io/unheard-of"};
constexpr const char* kValues[] = {"true",
                                   "false",
                                   "",
                                   " ",
                                   "80",
                                   "3500",
                                   "9090",
                                   "-1",
                                   "65536",
                                   "99999999999",
                                   "4.5",
                                   "1",
                                   "500m",
                                   "1Gi",
                                   "-1Gi",
                                   "1GB",
                                   "http",
                                   "grpc",
                                   "/var/run/dapr",
                                   "/var/run/dapr-sockets",
                                   "relative",
                                   "/a:b",
                                   "/tmp/dapr-components-sockets",
                                   "/tmp/dapr-components-sockets/",
                                   "data:/data",
                                   "data:/data,cache:/data/",
                                   "cache:/x, own:/y,none:/z",
                                   "app",
                                   "redis, kafka",
                                   "setup,istio-init",
                                   "A=1,B=x=y,z",
                                   "SSL_CERT_DIR=/c",
                                   "POD_NAME=x,1BAD=y",
                                   "A=s:k,B=s",
                                   "S=a:b:c,T=Bad Name:k",
                                   "secret",
                                   "Bad Secret",
                                   "RuntimeDefault",
                                   "Localhost",
                                   "Bogus",
                                   "r/daprd:2",
                                   " r/daprd:2",
                                   "sidecar",
                                   "container",
                                   "first",
                                   "last",
                                   "off",
                                   "10s",
                                   "\xc3\xa4\"\\\n\t"};

json RandomMounts(RandomSource& random, const json& volumes) {
  json mounts = json::array();
  for (const char* path : kPaths) {
    if (volumes.empty() || !random.Chance(20)) continue;
    json mount = {{"name", volumes[random.Below(volumes.size())]["name"]}, {"mountPath", path}};
    if (random.Chance(30)) mount["readOnly"] = true;
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

json RandomEnv(RandomSource& random) {
  json env = json::array();
  for (const char* name : kEnvNames) {
    if (!random.Chance(20)) continue;
    json variable = {{"name", name}};
    if (random.Chance(80)) variable["value"] = "theirs";
    env.push_back(std::move(variable));
  }
  return env;
}

json RandomContainer(RandomSource& random, const char* name, const json& volumes) {
  json container = {{"name", name}, {"image", "r/app:1"}, {"unknownField", {1, 2.5, nullptr}}};
  if (random.Chance(60)) container["env"] = RandomEnv(random);
  if (random.Chance(5)) container["env"] = nullptr;
  if (random.Chance(60)) container["volumeMounts"] = RandomMounts(random, volumes);
  if (random.Chance(5)) container["volumeMounts"] = nullptr;
  if (random.Chance(20)) container["ports"] = {{{"containerPort", 8000 + random.Below(4)}}};
  return container;
}

template <std::size_t N>
json RandomContainers(RandomSource& random, const char* const (&names)[N], std::size_t percent,
                      const json& volumes, std::size_t sidecar_percent) {
  json containers = json::array();
  for (const char* name : names) {
    if (!random.Chance(percent)) continue;
    json container = RandomContainer(random, name, volumes);
    if (random.Chance(sidecar_percent)) container["restartPolicy"] = "Always";
    containers.push_back(std::move(container));
  }
  return containers;
}

json RandomVolumes(RandomSource& random) {
  json volumes = json::array();
  for (const char* name : kVolumes) {
    if (random.Chance(25)) volumes.push_back({{"name", name}, {"emptyDir", json::object()}});
  }
  return volumes;
}

// A host's ports are told apart by the pod's own containers, as the API server demands.
void SeparatePorts(json& containers) {
  int port = 8000;
  for (json& container : containers) {
    if (!container.contains("ports")) continue;
    container["ports"] = {{{"containerPort", port}, {"hostPort", port}}};
    ++port;
  }
}

json RandomSpec(RandomSource& random) {
  const json volumes = RandomVolumes(random);
  json containers = RandomContainers(random, kContainers, 35, volumes, 0);
  if (containers.empty()) containers.push_back(RandomContainer(random, "only", volumes));
  json spec = json::object();
  if (random.Chance(15)) {
    spec["hostNetwork"] = true;
    SeparatePorts(containers);
  }
  spec["containers"] = std::move(containers);
  if (!volumes.empty() || random.Chance(50)) spec["volumes"] = volumes;
  if (random.Chance(50)) {
    spec["initContainers"] = RandomContainers(random, kInitContainers, 30, volumes, 30);
  }
  if (random.Chance(5)) spec["os"] = {{"name", random.Chance(50) ? "windows" : "linux"}};
  if (random.Chance(3)) spec["nodeSelector"] = {{"kubernetes.io/os", "windows"}};
  if (random.Chance(20)) spec["resourceClaims"] = {{{"name", "claim"}}};
  if (random.Chance(10)) spec["resources"] = {{"limits", {{"cpu", "4"}}}};
  if (random.Chance(10)) spec["tolerations"] = {{{"key", "k"}, {"operator", "Exists"}}};
  if (random.Chance(10)) spec["ephemeralContainers"] = json::array();
  return spec;
}

json RandomAnnotations(RandomSource& random) {
  json annotations = {{"dapr.io/enabled", random.Chance(95) ? "true" : "yes"},
                      {"example.com/other", "kept"}};
  if (random.Chance(90)) annotations["dapr.io/app-id"] = random.Chance(97) ? "orders" : "Not Legal";
  if (random.Chance(80)) annotations["dapr.io/inject-pluggable-components"] = "true";
  while (random.Chance(80)) annotations[random.Pick(kKeys)] = random.Pick(kValues);
  if (random.Chance(3)) annotations["component-injector.dapr.io/require"] = "component-0";
  return annotations;
}

}  // namespace

json RandomPod(RandomSource& random) {
  json pod = {{"kind", "Pod"}, {"spec", RandomSpec(random)}};
  json& metadata = pod["metadata"];
  metadata = {{"name", "orders"}, {"annotations", RandomAnnotations(random)}};
  if (random.Chance(50)) metadata["labels"] = {{"app", "orders"}, {"dapr.io/app-id", "theirs"}};
  if (random.Chance(5)) metadata["labels"] = random.Chance(50) ? json(nullptr) : json::object();
  if (random.Chance(10)) {
    metadata["ownerReferences"] = {{{"kind", "Job"}, {"controller", true}}};
  }
  while (random.Chance(6)) Damage(pod, random);
  return pod;
}

json RandomComponent(RandomSource& random, const std::string& name) {
  constexpr const char* kTypes[] = {"state.redis",       "pubsub.Kafka", "bindings.x",
                                    "middleware.http.x", "state",        "",
                                    "secretstores.a.b"};
  json component = {{"kind", "Component"}, {"metadata", {{"name", name}}}};
  json& metadata = component["metadata"];
  if (random.Chance(95)) {
    metadata["annotations"]["dapr.io/component-container"] = RandomContainerText(random);
  }
  if (random.Chance(20)) {
    metadata["annotations"]["component-injector.dapr.io/placement"] =
        random.Chance(80) ? "container" : "nowhere";
  }
  if (random.Chance(10)) metadata["annotations"]["component-injector.dapr.io/wait"] = "false";
  component["spec"] = {{"type", random.Pick(kTypes)}, {"version", "v1"}};
  if (random.Chance(10)) component["spec"]["ignoreErrors"] = true;
  if (random.Chance(20)) component["scopes"] = {random.Chance(70) ? "orders" : "billing"};
  if (random.Chance(3)) Damage(component["spec"], random);
  return component;
}

}  // namespace injector::test
