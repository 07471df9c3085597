#include "patch/inject.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "patch/app_env.h"
#include "patch/block_position.h"
#include "patch/bounded_remarks.h"
#include "patch/component_container.h"
#include "patch/component_selection.h"
#include "patch/expected_sockets.h"
#include "patch/host_ports.h"
#include "patch/identity_token.h"
#include "patch/listed_containers.h"
#include "patch/name_set.h"
#include "patch/pod_editor.h"
#include "patch/service_account_mount.h"
#include "patch/sidecar_container.h"
#include "patch/sockets_volume.h"
#include "patch/status_annotation.h"
#include "patch/wait_container.h"

namespace injector::patch {
namespace {

// Everything that is decided before the first operation.
struct Plan {
  bool native = false;         // daprd is an init container
  bool startup_probe = false;  // and later init containers wait for it
  bool sidecars = false;       // components are init containers unless they choose otherwise
  bool sockets = false;        // the pod gets the sockets volume
  ListedContainers listed;
  Selection selection;
  std::vector<ExpectedSocket> expected;
  std::string wait_name;  // "" without a wait container
  std::size_t block = 0;  // index among the init containers
};

// The steps of one injection, in the order in which BuildInjection calls them.
class Injector {
 public:
  Injector(const InjectionRequest& request, Decisions& decisions)
      : request_(request),
        annotations_(request.annotations),
        named_components_(annotations_.pluggable_components),
        decisions_(decisions),
        container_remarks_(decisions),
        names_(request.pod),
        host_ports_(request.pod),
        editor_(request.pod),
        service_account_volume_(ServiceAccountVolume(request.pod)) {}

  Injection Run() && {
    decisions_.insert(decisions_.end(), annotations_.faults.begin(), annotations_.faults.end());
    taken_ports_ = request_.pod.host_network ? host_ports_.TcpPorts() : std::vector<int>();
    HoldSidecarPorts();
    PlanContainers();
    PlanWait();
    RemarkOnPod();
    AddVolumes();
    WireListedContainers(/*init=*/true);
    AddInitBlock();
    AddSidecarContainer();
    AddLabels();
    AddAppEnv();
    MountApiSockets();
    WireListedContainers(/*init=*/false);
    AppendComponents();
    container_remarks_.Finish("the pod's containers");
    return Finish();
  }

 private:
  void Say(Reason reason, std::string subject, std::string text) {
    decisions_.push_back({reason, std::move(subject), std::move(text)});
  }

  [[nodiscard]] bool SidecarPlacement() const {
    constexpr int kFirstMinorWithNativeSidecarsOnEveryKubelet = 32;
    switch (annotations_.ordering.placement) {
      case Placement::kSidecar:
        return true;
      case Placement::kContainer:
        return false;
      case Placement::kAuto:
        return request_.surroundings.server_minor.value_or(0) >=
               kFirstMinorWithNativeSidecarsOnEveryKubelet;
    }
    return false;
  }

  // With hostNetwork daprd's own ports are ports of the node too.
  void HoldSidecarPorts() {
    for (const int port : {kDaprHttpPort, annotations_.grpc_port, annotations_.internal_grpc_port,
                           annotations_.metrics_port}) {
      host_ports_.HoldContainerPort(port);
    }
    if (annotations_.enable_debug) host_ports_.HoldContainerPort(annotations_.debug_port);
  }

  void PlanContainers() {
    plan_.native = annotations_.native_sidecar;
    plan_.startup_probe =
        plan_.native && annotations_.ordering.init_position == InitPosition::kFirst;
    plan_.sidecars = SidecarPlacement();
    plan_.listed = FindListed(request_.pod, annotations_.pluggable_components, decisions_);
    if (annotations_.inject_components) {
      plan_.selection = SelectComponents({request_.components, request_.app_id, request_.pod,
                                          plan_.sidecars, annotations_.sockets_folder},
                                         names_, host_ports_, decisions_);
      const bool waits = plan_.sidecars && annotations_.ordering.wait;
      plan_.expected = ExpectSockets(plan_.selection, waits, decisions_);
    } else {
      for (const auto& component : request_.components) {
        Say(Reason::kComponentNotAskedFor, component->name,
            "the pod does not ask for components to be injected");
      }
    }
    plan_.sockets = !plan_.listed.wired.empty() || !plan_.selection.chosen.empty();
    plan_.block =
        FindBlockPosition({request_.pod, request_.settings, annotations_.ordering.init_position,
                           annotations_.after, plan_.listed, plan_.selection},
                          decisions_);
  }

  void PlanWait() {
    if (plan_.expected.empty()) return;
    if (request_.settings.wait_image.empty()) {
      Say(Reason::kPodNoWaitImage, "",
          "nobody waits for the components' sockets: COMPONENT_WAIT_IMAGE is empty");
      return;
    }
    plan_.wait_name = names_.Take(kWaitContainerName);
  }

  void RemarkOnPod() {
    RemarkOnMeshProxy();
    const bool of_job = request_.owner_kind == "Job" || request_.owner_kind == "CronJob";
    if (of_job && !plan_.native) {
      Say(Reason::kPodJobWillNotEnd, "",
          "daprd keeps the Job's pod running; set dapr.io/enable-native-sidecar: \"true\"");
    }
    const bool asks = annotations_.inject_components || !annotations_.pluggable_components.empty();
    if (request_.pod.windows && asks) {
      Say(Reason::kPodWindowsNoSockets, "", "components are not wired in a pod for Windows");
    }
    const std::string& uds = annotations_.unix_domain_socket_path;
    if (uds == annotations_.sockets_folder && !uds.empty() && editor_.HasVolume(kApiSocketVolume)) {
      Say(Reason::kPodUdsRecipeObsolete, "",
          "dapr.io/unix-domain-socket-path does not share component sockets with daprd");
    }
    if (request_.surroundings.trust_anchors_placeholder) {
      Say(Reason::kPodTrustAnchorsPlaceholder, "",
          "no trust anchors here: the sidecar gets a placeholder that works in no cluster");
    }
  }

  void RemarkOnMeshProxy() {
    if (plan_.wait_name.empty() && !plan_.startup_probe) return;
    for (const ContainerView& container : request_.pod.containers) {
      if (container.name != "istio-proxy" && container.name != "linkerd-proxy") continue;
      container_remarks_.Add(Reason::kPodMeshProxyStartsLate, "", [&container] {
        return std::string(container.name) +
               " starts after the init containers; if they need the network, set component-wait: "
               "\"off\"";
      });
    }
  }

  void AddVolumes() {
    if (!annotations_.unix_domain_socket_path.empty()) {
      editor_.AddVolume(kApiSocketVolume, kApiSocketVolumeJson);
    }
    if (request_.surroundings.identity_token) {
      token_volume_ = BuildIdentityTokenVolume(request_.settings);
      editor_.AddVolume(kIdentityTokenVolume, token_volume_);
    }
    if (plan_.sockets) editor_.AddVolume(kSocketsVolume, kSocketsVolumeJson);
    for (const ChosenComponent& chosen : plan_.selection.chosen) {
      for (const auto& mount : chosen.component->container.mounts) {
        std::string json;
        JsonWriter(json)
            .BeginObject()
            .Member("name", mount.volume)
            .Key("emptyDir")
            .Raw("{}")
            .EndObject();
        editor_.AddVolume(mount.volume, json);
      }
    }
  }

  void WireListedContainers(bool init) {
    for (const ContainerAt at : plan_.listed.wired) {
      if (at.init == init) WireListed(editor_, at, annotations_.sockets_folder, container_remarks_);
    }
  }

  void AddInitBlock() {
    std::size_t at = plan_.block;
    for (const ChosenComponent& chosen : plan_.selection.chosen) {
      if (!chosen.sidecar) continue;
      editor_.InsertInitContainer(at++, Build(chosen));
    }
    if (!plan_.wait_name.empty()) {
      const WaitRequest wait{
          plan_.wait_name, annotations_.sockets_folder,    annotations_.ordering.wait_timeout,
          plan_.expected,  request_.pod.has_pod_resources, service_account_volume_};
      editor_.InsertInitContainer(at++, BuildWaitContainer(wait, request_.settings));
    }
    if (plan_.native) editor_.InsertInitContainer(at, Sidecar());
  }

  void AddSidecarContainer() {
    if (!plan_.native) editor_.AppendContainer(Sidecar());
  }

  [[nodiscard]] std::string Build(const ChosenComponent& chosen) const {
    return BuildComponentContainer(chosen, annotations_.sockets_folder, service_account_volume_);
  }

  std::string Sidecar() {
    return BuildSidecarContainer(
        {request_.pod, request_.pod_namespace, request_.app_id, plan_.sockets, plan_.native,
         plan_.startup_probe, taken_ports_, service_account_volume_},
        annotations_, request_.settings, request_.surroundings, decisions_);
  }

  void AddLabels() {
    editor_.SetLabel("dapr.io/sidecar-injected", "true");
    editor_.SetLabel("dapr.io/app-id", request_.app_id);
    editor_.SetLabel("dapr.io/metrics-enabled", annotations_.enable_metrics ? "true" : "false");
  }

  void AddAppEnv() {
    const std::string http_port = std::to_string(kDaprHttpPort);
    const std::string grpc_port = std::to_string(annotations_.grpc_port);
    const auto protocol = AppProtocol(annotations_.app_protocol, annotations_.app_ssl);
    std::vector<EnvVar> env = {{"DAPR_HTTP_PORT", http_port}, {"DAPR_GRPC_PORT", grpc_port}};
    if (protocol) env.push_back({"APP_PROTOCOL", *protocol});
    for (std::size_t i = 0; i < request_.pod.containers.size(); ++i) {
      if (named_components_.Contains(request_.pod.containers[i].name)) continue;
      editor_.AddEnv({false, i}, env);
    }
  }

  void MountApiSockets() {
    if (annotations_.unix_domain_socket_path.empty()) return;
    for (std::size_t i = 0; i < request_.pod.containers.size(); ++i) {
      if (!named_components_.Contains(request_.pod.containers[i].name)) MountApiSocket({false, i});
    }
  }

  void MountApiSocket(ContainerAt at) {
    const std::string& path = annotations_.unix_domain_socket_path;
    const ContainerView& container = editor_.At(at);
    if (container.Mounts(kApiSocketVolume)) {
      return container_remarks_.Add(Reason::kContainerAlreadyMounts, container.name, [&path] {
        return "mounts volume dapr-unix-domain-socket itself, so no mount is added at " + path;
      });
    }
    if (const MountView* taken = container.MountAt(path)) {
      return container_remarks_.Add(Reason::kContainerPathTaken, container.name, [&] {
        return "daprd's socket is not mounted: volume " + std::string(taken->volume) + " is at " +
               path + " already";
      });
    }
    editor_.AddMount(at, {kApiSocketVolume, path});
  }

  void AppendComponents() {
    for (const ChosenComponent& chosen : plan_.selection.chosen) {
      if (chosen.sidecar) continue;
      editor_.AppendContainer(Build(chosen));
    }
  }

  Injection Finish() {
    Injection injection;
    if (annotations_.inject_components || !annotations_.pluggable_components.empty()) {
      injection.status = BuildStatus(plan_.selection, decisions_, kMaxStatusBytes);
      AddStatusAnnotation();
    }
    injection.patch = std::move(editor_).Finish();
    return injection;
  }

  void AddStatusAnnotation() {
    if (request_.settings.status_annotation == StatusAnnotation::kOff) return;
    const std::string status =
        BuildStatus(plan_.selection, decisions_, StatusBudget(request_.pod.metadata));
    if (!status.empty()) editor_.SetAnnotation(kStatusKey, status);
  }

  const InjectionRequest& request_;
  const PodAnnotations& annotations_;
  const NameSet named_components_;  // in dapr.io/pluggable-components
  Decisions& decisions_;
  BoundedRemarks container_remarks_;
  ContainerNames names_;
  HostPorts host_ports_;
  PodEditor editor_;
  std::vector<int> taken_ports_;
  Plan plan_;
  std::string token_volume_;
  std::string_view service_account_volume_;
};

}  // namespace

Injection BuildInjection(const InjectionRequest& request, Decisions& decisions) {
  return Injector(request, decisions).Run();
}

}  // namespace injector::patch
