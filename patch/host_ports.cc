#include "patch/host_ports.h"

namespace injector::patch {

HostPorts::HostPorts(const PodView& pod) : host_network_(pod.host_network) {
  for (const auto* list : {&pod.containers, &pod.init_containers}) {
    for (const ContainerView& container : *list) {
      for (const PortView& port : container.ports) {
        const int on_host = OnHost(port.number, port.host_port);
        if (on_host != 0) held_.emplace(port.protocol, on_host);
      }
    }
  }
}

int HostPorts::OnHost(int number, int host_port) const {
  return host_network_ && host_port == 0 ? number : host_port;
}

void HostPorts::HoldContainerPort(int port) {
  if (host_network_) held_.emplace("TCP", port);
}

int HostPorts::FirstConflict(const std::vector<ContainerTemplate::Port>& ports) const {
  std::set<std::pair<std::string_view, int>> own;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const int on_host = OnHost(ports[i].number, ports[i].host_port);
    if (on_host == 0) continue;
    const std::pair<std::string_view, int> port(ports[i].protocol, on_host);
    const bool differs = host_network_ && on_host != ports[i].number;
    if (differs || held_.contains(port) || !own.insert(port).second) return static_cast<int>(i);
  }
  return -1;
}

void HostPorts::Hold(const std::vector<ContainerTemplate::Port>& ports) {
  for (const ContainerTemplate::Port& port : ports) {
    const int on_host = OnHost(port.number, port.host_port);
    if (on_host != 0) held_.emplace(port.protocol, on_host);
  }
}

std::vector<int> HostPorts::TcpPorts() const {
  std::vector<int> ports;
  for (const auto& [protocol, port] : held_) {
    if (protocol == "TCP") ports.push_back(port);
  }
  return ports;
}

}  // namespace injector::patch
