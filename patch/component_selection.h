#pragma once

// Decides which of a namespace's Components bring a container into the pod, and under which name.
// Order of the checks: the Component is well formed, declares a container, is in scope, the pod
// can hold it, the container is valid, its image is not there yet.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patch/component.h"
#include "patch/container_names.h"
#include "patch/decision.h"
#include "patch/host_ports.h"
#include "patch/pod_view.h"

namespace injector::patch {

struct ChosenComponent {
  const Component* component;
  std::string container_name;
  bool sidecar;        // goes to initContainers with restartPolicy: Always; else to containers
  bool socket_shared;  // false: another volume is mounted at the socket folder
};

// A Component that is served by a chosen one's container, since both name the same image.
struct MergedComponent {
  const Component* component;
  std::size_t holder;  // index into `chosen`
  bool differs;        // its container is not the same: its env and args are lost
};

struct Selection {
  std::vector<ChosenComponent> chosen;  // by Component name
  std::vector<MergedComponent> merged;  // by Component name
};

struct SelectionRequest {
  const ComponentList& components;
  std::string_view app_id;
  const PodView& pod;
  bool sidecars;  // placement of components that do not choose their own
  std::string_view sockets_folder;
};

// Out: one verdict and any remarks for each Component, by name, appended to `decisions`. Names and
// host ports of what was chosen are held.
[[nodiscard]] Selection SelectComponents(const SelectionRequest& request, ContainerNames& names,
                                         HostPorts& ports, Decisions& decisions);

// The verdict that keeps the Component from the app whatever else the pod holds: malformed, out of
// scope, or with a container that cannot be used. Nothing for a good one without a container.
[[nodiscard]] std::optional<Decision> FaultOf(const Component& component, const PodView& pod,
                                              std::string_view app_id);

// The verdict on a container that no pod can have. In: a Component with a container_fault.
[[nodiscard]] Decision ContainerFaultOf(const Component& component);

}  // namespace injector::patch
