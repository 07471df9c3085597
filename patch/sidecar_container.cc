#include "patch/sidecar_container.h"

#include <algorithm>

#include "patch/identity_token.h"
#include "patch/json_writer.h"
#include "patch/service_account_mount.h"
#include "patch/sidecar_arguments.h"
#include "patch/sidecar_env.h"
#include "patch/sidecar_mounts.h"
#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

// The app waits for a native daprd this long in seconds before the kubelet restarts daprd.
constexpr int kStartupThreshold = 300;

// A variable that makes Dapr run daprd as an administrator, for certificates on Windows.
constexpr std::string_view kCertificatesEnv = "SSL_CERT_DIR";

constexpr std::size_t kUsualBytes = 4096;  // of the container

class SidecarWriter {
 public:
  SidecarWriter(const SidecarRequest& request, const PodAnnotations& annotations,
                const Settings& settings, const Surroundings& surroundings, Decisions& decisions)
      : request_(request),
        annotations_(annotations),
        settings_(settings),
        surroundings_(surroundings),
        decisions_(decisions),
        json_(text_) {}

  std::string Run() && {
    text_.reserve(kUsualBytes);
    const std::string_view image = annotations_.sidecar_image;
    json_.BeginObject().Member("name", "daprd");
    json_.Member("image", image.empty() ? settings_.sidecar_image : image);
    json_.Member("imagePullPolicy", settings_.sidecar_image_pull_policy);
    WriteCommand();
    json_.Key("env");
    WriteSidecarEnv(json_, request_, annotations_, settings_, surroundings_, decisions_);
    WritePorts();
    WriteResources();
    WriteMounts();
    WriteProbes();
    WriteSecurityContext();
    if (request_.native) json_.Member("restartPolicy", "Always");
    json_.EndObject();
    return std::move(text_);
  }

 private:
  // Pods with a tolerated entrypoint name the program in `command`, the others in `args`.
  void WriteCommand() {
    const auto arguments =
        BuildSidecarArguments(request_.app_id, annotations_, settings_, surroundings_);
    auto first = arguments.begin();
    if (IgnoresEntrypoint()) json_.Key("command").BeginArray().String(*first++).EndArray();
    json_.Key("args").BeginArray();
    for (; first != arguments.end(); ++first) json_.String(*first);
    json_.EndArray();
  }

  [[nodiscard]] bool IgnoresEntrypoint() const {
    const auto& ignored = settings_.ignore_entrypoint_tolerations;
    const auto& tolerations = request_.pod.tolerations;
    return std::any_of(tolerations.begin(), tolerations.end(), [&](const Toleration& toleration) {
      return std::find(ignored.begin(), ignored.end(), toleration) != ignored.end();
    });
  }

  void WritePorts() {
    std::vector<int> taken = request_.taken_ports;
    json_.Key("ports").BeginArray();
    WritePort("dapr-http", kDaprHttpPort, taken);
    WritePort("dapr-grpc", annotations_.grpc_port, taken);
    WritePort("dapr-internal", annotations_.internal_grpc_port, taken);
    WritePort("dapr-metrics", annotations_.metrics_port, taken);
    if (annotations_.enable_debug) WritePort("dapr-debug", annotations_.debug_port, taken);
    json_.EndArray();
  }

  // On the host's network each port may be declared once in the pod.
  void WritePort(const char* name, int port, std::vector<int>& taken) {
    if (request_.pod.host_network && std::find(taken.begin(), taken.end(), port) != taken.end()) {
      decisions_.push_back({Reason::kPodPortTaken, "",
                            "daprd does not declare port " + std::string(name) + ": " +
                                std::to_string(port) + " is taken on the host's network"});
      return;
    }
    taken.push_back(port);
    json_.BeginObject().Member("name", name).Member("containerPort", port).EndObject();
  }

  void WriteResources() {
    json_.Key("resources").BeginObject();
    if (MayHaveAmounts()) {
      WriteAmounts("limits", annotations_.cpu_limit, annotations_.memory_limit);
      WriteAmounts("requests", annotations_.cpu_request, annotations_.memory_request);
    }
    json_.EndObject();
  }

  // Source: since 1.32 the amounts of a pod's containers may not exceed its own.
  [[nodiscard]] bool MayHaveAmounts() {
    const bool asked = !annotations_.cpu_limit.empty() || !annotations_.memory_limit.empty() ||
                       !annotations_.cpu_request.empty() || !annotations_.memory_request.empty();
    if (!asked || !request_.pod.has_pod_resources) return asked;
    decisions_.push_back({Reason::kAnnotationInvalidValue, "",
                          "dapr.io/sidecar-cpu-* and sidecar-memory-* are ignored: they could "
                          "exceed the pod's spec.resources"});
    return false;
  }

  void WriteAmounts(const char* kind, std::string_view cpu, std::string_view memory) {
    if (cpu.empty() && memory.empty()) return;
    json_.Key(kind).BeginObject();
    if (!cpu.empty()) json_.Member("cpu", cpu);
    if (!memory.empty()) json_.Member("memory", memory);
    json_.EndObject();
  }

  void WriteMount(std::string_view volume, std::string_view path, bool read_only) {
    json_.BeginObject().Member("name", volume).Member("mountPath", path);
    if (read_only) json_.Member("readOnly", true);
    json_.EndObject();
  }

  void WriteMounts() {
    const auto requested =
        ResolveVolumeMounts(annotations_, request_.pod, request_.component_sockets, decisions_);
    const bool api_socket = !annotations_.unix_domain_socket_path.empty();
    const bool token = surroundings_.identity_token;
    const bool account = !request_.service_account_volume.empty() &&
                         FindServiceAccountPath(requested) == requested.end();
    if (requested.empty() && !api_socket && !token && !request_.component_sockets && !account) {
      return;
    }
    json_.Key("volumeMounts").BeginArray();
    for (const RequestedMount& mount : requested) {
      WriteMount(mount.volume, mount.path, mount.read_only);
    }
    if (api_socket) WriteMount(kApiSocketVolume, kSidecarApiSocketPath, false);
    if (token) WriteMount(kIdentityTokenVolume, kIdentityTokenPath, true);
    if (request_.component_sockets) {
      WriteMount(kSocketsVolume, annotations_.sockets_folder, false);
    }
    if (account) WriteServiceAccountMount(json_, request_.service_account_volume);
    json_.EndArray();
  }

  void WriteProbes() {
    json_.Key("livenessProbe").BeginObject();
    json_.Key("tcpSocket").BeginObject().Member("port", kDaprPublicPort).EndObject();
    WriteNumbers(annotations_.liveness);
    json_.EndObject();
    json_.Key("readinessProbe").BeginObject();
    WriteHealthHandler("/v1.0/healthz");
    WriteNumbers(annotations_.readiness);
    json_.EndObject();
    if (request_.startup_probe) WriteStartupProbe();
  }

  // /v1.0/healthz would wait for the app's port, and the app for the probe: the path for what
  // daprd offers to the app is ready before.
  void WriteStartupProbe() {
    json_.Key("startupProbe").BeginObject();
    WriteHealthHandler("/v1.0/healthz/outbound");
    WriteNumbers({0, annotations_.readiness.timeout, 1, kStartupThreshold});
    json_.EndObject();
  }

  void WriteHealthHandler(const char* path) {
    json_.Key("httpGet").BeginObject();
    json_.Member("path", path).Member("port", kDaprPublicPort).EndObject();
  }

  void WriteNumbers(const ProbeNumbers& numbers) {
    if (numbers.delay != 0) json_.Member("initialDelaySeconds", numbers.delay);
    if (numbers.timeout != 0) json_.Member("timeoutSeconds", numbers.timeout);
    if (numbers.period != 0) json_.Member("periodSeconds", numbers.period);
    if (numbers.threshold != 0) json_.Member("failureThreshold", numbers.threshold);
  }

  void WriteSecurityContext() {
    const bool administrator = GivesSidecarEnv(annotations_, kCertificatesEnv);
    json_.Key("securityContext").BeginObject();
    if (request_.pod.os_name != "windows") WriteLinuxSecurity(administrator);
    json_.Member("runAsNonRoot", settings_.run_as_non_root && !administrator);
    // The API server refuses Windows options in a pod that says it is for Linux.
    if (administrator && request_.pod.os_name != "linux") {
      json_.Key("windowsOptions").BeginObject();
      json_.Member("runAsUserName", "ContainerAdministrator").EndObject();
    }
    json_.EndObject();
  }

  void WriteLinuxSecurity(bool administrator) {
    json_.Member("allowPrivilegeEscalation", false);
    if (settings_.drop_all_capabilities) {
      json_.Key("capabilities").Raw(R"({"drop":["ALL"]})");
    }
    json_.Member("readOnlyRootFilesystem", settings_.read_only_root_filesystem && !administrator);
    if (settings_.run_as_user && !administrator) {
      json_.Member("runAsUser", *settings_.run_as_user);
    }
    if (settings_.run_as_group && !administrator) {
      json_.Member("runAsGroup", *settings_.run_as_group);
    }
    if (!annotations_.seccomp_profile_type.empty()) {
      json_.Key("seccompProfile").BeginObject();
      json_.Member("type", annotations_.seccomp_profile_type).EndObject();
    }
  }

  const SidecarRequest& request_;
  const PodAnnotations& annotations_;
  const Settings& settings_;
  const Surroundings& surroundings_;
  Decisions& decisions_;
  std::string text_;
  JsonWriter json_;
};

}  // namespace

std::string BuildSidecarContainer(const SidecarRequest& request, const PodAnnotations& annotations,
                                  const Settings& settings, const Surroundings& surroundings,
                                  Decisions& decisions) {
  return SidecarWriter(request, annotations, settings, surroundings, decisions).Run();
}

}  // namespace injector::patch
