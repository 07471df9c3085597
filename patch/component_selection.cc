#include "patch/component_selection.h"

#include <algorithm>
#include <unordered_map>

#include "patch/names.h"
#include "patch/sockets_volume.h"

namespace injector::patch {
namespace {

Reason ReasonFor(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kReservedVolume:
      return Reason::kComponentReservedVolume;
    case ErrorKind::kNoImage:
      return Reason::kComponentNoImage;
    default:
      return Reason::kComponentInvalidContainer;
  }
}

bool HasClaim(const PodView& pod, const std::string& claim) {
  return std::find(pod.resource_claims.begin(), pod.resource_claims.end(), claim) !=
         pod.resource_claims.end();
}

// What the container asks of the pod and the pod does not have.
std::optional<std::string> UnmetBy(const PodView& pod, const ContainerTemplate& container) {
  for (std::size_t i = 0; i < container.claims.size(); ++i) {
    if (HasClaim(pod, container.claims[i])) continue;
    return "/resources/claims/" + std::to_string(i) + ": the pod has no resource claim " +
           container.claims[i];
  }
  if (container.has_windows_options && pod.os_name == "linux") {
    return "/securityContext/windowsOptions: not allowed in a pod with spec.os.name linux";
  }
  // Source: since 1.32 the amounts of a pod's containers may not exceed its own.
  if (container.has_amounts && pod.has_pod_resources) {
    return "/resources: limits and requests could exceed those of the pod's spec.resources";
  }
  return std::nullopt;
}

class Selector {
 public:
  Selector(const SelectionRequest& request, ContainerNames& names, HostPorts& ports,
           Decisions& decisions)
      : request_(request), names_(names), ports_(ports), decisions_(decisions) {}

  Selection Run() && {
    for (const auto& component : request_.components) Consider(*component);
    return std::move(selection_);
  }

 private:
  void Say(Reason reason, const Component& component, std::string text) {
    decisions_.push_back({reason, component.name, std::move(text)});
  }

  void Consider(const Component& component) {
    if (!component.fault && !component.declares_container) {
      return Say(Reason::kComponentNoContainer, component, "declares no container");
    }
    if (auto fault = FaultOf(component, request_.pod, request_.app_id)) {
      decisions_.push_back(*std::move(fault));
      return;
    }
    const auto holder = by_image_.find(component.container.image);
    if (holder != by_image_.end()) {
      Merge(component, holder->second);
    } else if (const int conflict = ports_.FirstConflict(component.container.ports);
               conflict >= 0) {
      return Say(Reason::kComponentInvalidContainer, component,
                 "/ports/" + std::to_string(conflict) +
                     ": the port of the node is taken, or not the one of the container");
    } else {
      Choose(component);
    }
    for (const std::string& fault : component.annotation_faults) {
      Say(Reason::kComponentInvalidAnnotation, component, fault);
    }
  }

  // A name that is given counts as a difference, one that is missing does not.
  static bool Differ(const ContainerTemplate& a, const ContainerTemplate& b) {
    const bool names_differ = !a.name.empty() && !b.name.empty() && a.name != b.name;
    return names_differ || a.canonical != b.canonical;
  }

  void Merge(const Component& component, std::size_t index) {
    const ChosenComponent& holder = selection_.chosen[index];
    const bool differs = Differ(component.container, holder.component->container);
    selection_.merged.push_back({&component, index, differs});
    if (differs) {
      Say(Reason::kComponentImageConflict, component,
          "its container differs from that of " + holder.component->name +
              ", which has the same image and is used instead: its env and args are lost");
    } else {
      Say(Reason::kComponentImageSharedWith, component,
          "served by container " + holder.container_name + " of " + holder.component->name +
              ", which has the same image");
    }
  }

  void Choose(const Component& component) {
    const bool sidecar = request_.sidecars && !component.placement_container;
    const ContainerTemplate& container = component.container;
    const std::string& wanted = container.name.empty() ? component.name : container.name;
    const std::string name = names_.Take(wanted);
    by_image_.emplace(container.image, selection_.chosen.size());
    ChosenComponent& chosen = selection_.chosen.emplace_back(
        ChosenComponent{&component, name, sidecar, /*socket_shared=*/true});
    ports_.Hold(container.ports);
    Say(Reason::kComponentInjected, component,
        "injected as container " + name + (sidecar ? ", started before daprd" : ""));
    const bool expected_name = name == (container.name.empty() ? MakeDnsLabel(wanted) : wanted);
    if (!expected_name) {
      Say(Reason::kComponentRenamed, component,
          "its container is called " + name + ", since " + wanted + " is taken or not a DNS label");
    }
    chosen.socket_shared = SharesSocket(component);
    RemarkOnPlacement(component, sidecar);
    for (const std::string& pointer : container.unknown_fields) {
      Say(Reason::kComponentUnknownField, component,
          pointer + " is no field of a container that we know; it is kept as it is");
    }
  }

  void RemarkOnPlacement(const Component& component, bool sidecar) {
    const std::string& policy = component.container.restart_policy;
    if (request_.sidecars && !sidecar) {
      Say(Reason::kComponentPlacementContainer, component,
          "starts beside daprd, as its annotation placement asks, and may be too late for it");
    }
    if (sidecar && !policy.empty() && policy != "Always") {
      Say(Reason::kComponentRestartPolicyReplaced, component,
          "restartPolicy " + policy + " is replaced by Always");
    }
    if (!sidecar && !policy.empty()) {
      Say(Reason::kComponentRestartPolicyReplaced, component,
          "restartPolicy " + policy + " is removed: containers have none");
    }
  }

  bool SharesSocket(const Component& component) {
    for (const ContainerTemplate::Mount& mount : component.container.mounts) {
      if (mount.volume == kSocketsVolume) return true;
    }
    const std::string folder = CleanPath(request_.sockets_folder);
    for (const ContainerTemplate::Mount& mount : component.container.mounts) {
      if (CleanPath(mount.path) != folder) continue;
      Say(Reason::kComponentSocketPathTaken, component,
          "mounts volume " + mount.volume + " at the socket folder, so its socket stays its own");
      return false;
    }
    return true;
  }

  const SelectionRequest& request_;
  ContainerNames& names_;
  HostPorts& ports_;
  Decisions& decisions_;
  Selection selection_;
  std::unordered_map<std::string_view, std::size_t> by_image_;  // index into selection_.chosen
};

}  // namespace

std::optional<Decision> FaultOf(const Component& component, const PodView& pod,
                                std::string_view app_id) {
  const auto verdict = [&](Reason reason, std::string text) {
    return Decision{reason, component.name, std::move(text)};
  };
  if (component.fault) return verdict(Reason::kComponentMalformed, component.fault->Text());
  if (!component.InScope(app_id)) {
    return verdict(Reason::kComponentOutOfScope,
                   "its scopes do not name app id " + std::string(app_id));
  }
  if (!component.declares_container) return std::nullopt;
  if (pod.windows) {
    return verdict(Reason::kComponentWindows, "not injected: the pod is for Windows");
  }
  if (component.container_fault) return ContainerFaultOf(component);
  if (auto unmet = UnmetBy(pod, component.container)) {
    return verdict(Reason::kComponentInvalidContainer, *std::move(unmet));
  }
  return std::nullopt;
}

Decision ContainerFaultOf(const Component& component) {
  const Error& fault = *component.container_fault;
  return {ReasonFor(fault.kind), component.name, fault.Text()};
}

Selection SelectComponents(const SelectionRequest& request, ContainerNames& names, HostPorts& ports,
                           Decisions& decisions) {
  return Selector(request, names, ports, decisions).Run();
}

}  // namespace injector::patch
