#include "patch/host_ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/parsed_pod.h"

namespace injector::test {
namespace {

using patch::HostPorts;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kOwnNetwork = R"({"spec": {
  "containers": [{"name": "orders", "ports": [
    {"containerPort": 8080, "hostPort": 9000},
    {"containerPort": 8081},
    {"containerPort": 5353, "hostPort": 5353, "protocol": "UDP"}]}],
  "initContainers": [{"name": "proxy", "ports": [{"containerPort": 1, "hostPort": 7000}]}]}})";

constexpr const char* kHostNetwork = R"({"spec": {"hostNetwork": true,
  "containers": [{"name": "orders", "ports": [{"containerPort": 8080}]}]}})";

TEST(HostPorts, PortOfAContainerIsTaken) {
  const ParsedPod pod(kOwnNetwork);
  EXPECT_EQ(HostPorts(pod.View()).FirstConflict({{1234, 9000, "TCP"}}), 0);
}

TEST(HostPorts, PortOfAnInitContainerIsTaken) {
  const ParsedPod pod(kOwnNetwork);
  EXPECT_EQ(HostPorts(pod.View()).FirstConflict({{1234, 7000, "TCP"}}), 0);
}

TEST(HostPorts, ContainerPortAloneIsNoPortOfTheNode) {
  const ParsedPod pod(kOwnNetwork);
  EXPECT_EQ(HostPorts(pod.View()).FirstConflict({{8080, 0, "TCP"}, {1234, 8081, "TCP"}}), -1);
}

TEST(HostPorts, OtherProtocolIsAnotherPort) {
  const ParsedPod pod(kOwnNetwork);
  const HostPorts ports(pod.View());
  EXPECT_EQ(ports.FirstConflict({{1234, 9000, "UDP"}, {1234, 5353, "TCP"}}), -1);
  EXPECT_EQ(ports.FirstConflict({{1234, 5353, "UDP"}}), 0);
}

TEST(HostPorts, ConflictAmongTheAskersOwnPortsIsItsSecond) {
  const ParsedPod pod(kOwnNetwork);
  EXPECT_EQ(HostPorts(pod.View()).FirstConflict({{1, 6000, "TCP"}, {2, 6000, "TCP"}}), 1);
}

TEST(HostPorts, HeldPortsConflictLater) {
  const ParsedPod pod(kOwnNetwork);
  HostPorts ports(pod.View());
  const std::vector<patch::ContainerTemplate::Port> held = {{1234, 6000, "TCP"}};
  ports.Hold(held);
  EXPECT_EQ(ports.FirstConflict({{4321, 6000, "TCP"}}), 0);
}

TEST(HostPorts, OnTheNodesNetworkContainerPortsCount) {
  const ParsedPod pod(kHostNetwork);
  HostPorts ports(pod.View());
  EXPECT_EQ(ports.FirstConflict({{8080, 0, "TCP"}}), 0);
  ports.HoldContainerPort(3500);
  EXPECT_EQ(ports.FirstConflict({{9000, 0, "TCP"}, {3500, 0, "TCP"}}), 1);
}

TEST(HostPorts, OnTheNodesNetworkAnotherHostPortIsAFault) {
  const ParsedPod pod(kHostNetwork);
  const HostPorts ports(pod.View());
  EXPECT_EQ(ports.FirstConflict({{9000, 9001, "TCP"}}), 0);
  EXPECT_EQ(ports.FirstConflict({{9000, 9000, "TCP"}}), -1);
}

TEST(HostPorts, OnAnotherNetworkContainerPortsOfDaprdAreFree) {
  const ParsedPod pod(kOwnNetwork);
  HostPorts ports(pod.View());
  ports.HoldContainerPort(3500);
  EXPECT_EQ(ports.FirstConflict({{3500, 3500, "TCP"}}), -1);
}

TEST(HostPorts, TcpPortsAreThoseOfTheNodeAscending) {
  const ParsedPod pod(kOwnNetwork);
  EXPECT_THAT(HostPorts(pod.View()).TcpPorts(), ElementsAre(7000, 9000));
  const ParsedPod plain(R"({"spec": {"containers": [{"ports": [{"containerPort": 80}]}]}})");
  EXPECT_THAT(HostPorts(plain.View()).TcpPorts(), IsEmpty());
}

}  // namespace
}  // namespace injector::test
