#pragma once

// Which ports of the node a pod's containers hold. Two holders of one port make the API server
// refuse the pod; with hostNetwork every declared port is a port of the node.
// Source: core validation of Container.ports (hostPort).

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "patch/container_template.h"
#include "patch/pod_view.h"

namespace injector::patch {

class HostPorts {
 public:
  explicit HostPorts(const PodView& pod);

  // Holds `port` for TCP when the pod is on the host's network.
  void HoldContainerPort(int port);

  // The index of the first port that is taken, by the pod or by an earlier one of `ports`, or that
  // names a host port other than its own on the host's network; -1 when all are fine.
  [[nodiscard]] int FirstConflict(const std::vector<ContainerTemplate::Port>& ports) const;
  // Holds them all. In: `ports` outlives this.
  void Hold(const std::vector<ContainerTemplate::Port>& ports);

  // The TCP ports held by the pod's own containers, ascending.
  [[nodiscard]] std::vector<int> TcpPorts() const;

 private:
  [[nodiscard]] int OnHost(int number, int host_port) const;

  bool host_network_;
  std::set<std::pair<std::string_view, int>> held_;
};

}  // namespace injector::patch
