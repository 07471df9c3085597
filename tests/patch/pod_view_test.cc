#include "patch/pod_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/parsed_pod.h"

namespace injector::test {
namespace {

using patch::ErrorKind;
using patch::JsonParser;
using patch::PodView;
using patch::ReadPod;
using patch::ReadPodMetadata;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// The fault of a text that is no pod.
patch::Error FaultOf(const std::string& text) {
  JsonParser parser;
  const auto pod = ReadPod(parser.Parse(text).value());
  if (pod) return {ErrorKind::kMalformedJson, "", "accepted"};
  return pod.error();
}

TEST(ReadPod, EverythingThatIsRead) {
  const ParsedPod parsed(R"({
    "metadata": {"name": "orders-0", "generateName": "orders-", "namespace": "shop",
      "labels": {"app": "orders"}, "annotations": {"a": "1", "b": "2"},
      "ownerReferences": [{"kind": "Node"}, {"kind": "Job", "controller": true}]},
    "spec": {
      "containers": [{"name": "orders", "env": [{"name": "A"}, {"name": "B", "value": "x"}],
        "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": true}],
        "ports": [{"containerPort": 80, "hostPort": 8080, "protocol": "UDP"}, {}]}],
      "initContainers": [{"name": "cache", "restartPolicy": "Always"}],
      "volumes": [{"name": "v"}], "resourceClaims": [{"name": "gpu"}],
      "tolerations": [{"key": "k", "operator": "Exists", "tolerationSeconds": 0}],
      "hostNetwork": true, "resources": {}}})");
  const PodView& pod = parsed.View();
  EXPECT_EQ(pod.metadata.name, "orders-0");
  EXPECT_EQ(pod.metadata.generate_name, "orders-");
  EXPECT_EQ(pod.metadata.namespace_name, "shop");
  EXPECT_EQ(pod.metadata.owner_kind, "Job");
  EXPECT_TRUE(pod.metadata.has_labels);
  EXPECT_THAT(pod.metadata.annotations, SizeIs(2));
  ASSERT_THAT(pod.containers, SizeIs(1));
  const auto& container = pod.containers[0];
  EXPECT_THAT(container.env, ElementsAre("A", "B"));
  EXPECT_TRUE(container.mounts[0].read_only);
  EXPECT_EQ(container.ports[0].host_port, 8080);
  EXPECT_EQ(container.ports[0].protocol, "UDP");
  EXPECT_EQ(container.ports[1].protocol, "TCP");
  EXPECT_TRUE(pod.init_containers[0].restarts_always);
  EXPECT_THAT(pod.volumes, ElementsAre("v"));
  EXPECT_THAT(pod.resource_claims, ElementsAre("gpu"));
  EXPECT_EQ(pod.tolerations[0].seconds, 0);
  EXPECT_TRUE(pod.host_network);
  EXPECT_TRUE(pod.has_pod_resources);
  EXPECT_FALSE(pod.windows);
}

TEST(ReadPod, NullMeansMissing) {
  const ParsedPod parsed(R"({"metadata": {"labels": null, "annotations": null, "name": null},
    "spec": {"containers": null, "initContainers": null, "volumes": null, "hostNetwork": null}})");
  EXPECT_THAT(parsed.View().containers, IsEmpty());
  EXPECT_FALSE(parsed.View().metadata.has_labels);
}

TEST(ReadPod, FieldsThatAreNotReadAreNotLookedAt) {
  const ParsedPod parsed(R"({"status": 5, "spec": {"dnsPolicy": [], "containers": [
    {"name": "orders", "image": {}, "env": [{"name": "A", "value": 7}]}]}})");
  EXPECT_THAT(parsed.View().containers, SizeIs(1));
}

TEST(ReadPod, WindowsByOsOrNodeSelector) {
  EXPECT_TRUE(ParsedPod(R"({"spec": {"os": {"name": "windows"}}})").View().windows);
  EXPECT_TRUE(
      ParsedPod(R"({"spec": {"nodeSelector": {"kubernetes.io/os": "windows"}}})").View().windows);
  EXPECT_EQ(
      ParsedPod(R"({"spec": {"nodeSelector": {"kubernetes.io/os": "windows"}}})").View().os_name,
      "");
}

TEST(ReadPod, FaultNamesTheField) {
  EXPECT_EQ(FaultOf("[]").Text(), "expected an object, found an array");
  EXPECT_EQ(FaultOf("{}").where, "/spec");
  EXPECT_EQ(FaultOf(R"({"spec": {"containers": {}}})").where, "/spec/containers");
  EXPECT_EQ(FaultOf(R"({"spec": {"containers": [{"name": 5}]}})").Text(),
            "/spec/containers/0/name: expected a string, found a number");
  EXPECT_EQ(FaultOf(R"({"spec": {"volumes": [{}, "v"]}})").where, "/spec/volumes/1");
  EXPECT_EQ(FaultOf(R"({"spec": {}, "metadata": {"annotations": {"a/b": 1}}})").where,
            "/metadata/annotations/a~1b");
  EXPECT_EQ(FaultOf(R"({"spec": {"hostNetwork": "yes"}})").kind, ErrorKind::kMalformedPod);
}

TEST(ReadPod, PortBeyond32BitsIsAFault) {
  EXPECT_EQ(FaultOf(R"({"spec": {"containers": [
    {"name": "a", "ports": [{"containerPort": 4294967376}]}]}})")
                .where,
            "/spec/containers/0/ports/0/containerPort");
}

TEST(ReadPodMetadata, SpecIsNotLookedAt) {
  JsonParser parser;
  const auto metadata =
      ReadPodMetadata(parser.Parse(R"({"metadata": {"name": "orders"}, "spec": 5})").value());
  ASSERT_TRUE(metadata.has_value());
  EXPECT_EQ(metadata->name, "orders");
}

TEST(PodViewFind, LooksAtContainersAndInitContainers) {
  const ParsedPod parsed(R"({"spec": {"containers": [{"name": "orders"}],
    "initContainers": [{"name": "daprd"}], "ephemeralContainers": [{"name": "debug"}]}})");
  EXPECT_NE(parsed.View().Find("orders"), nullptr);
  EXPECT_NE(parsed.View().Find("daprd"), nullptr);
  EXPECT_EQ(parsed.View().Find("debug"), nullptr);
}

TEST(ContainerViewMountAt, PathIsComparedHoweverItIsSpelled) {
  const ParsedPod parsed(R"({"spec": {"containers": [{"name": "orders",
    "volumeMounts": [{"name": "cache", "mountPath": "/var/run/"}]}]}})");
  const auto& container = parsed.View().containers[0];
  ASSERT_NE(container.MountAt("/var//run"), nullptr);
  EXPECT_EQ(container.MountAt("/var//run")->volume, "cache");
  EXPECT_EQ(container.MountAt("/var/run/dapr"), nullptr);
  EXPECT_TRUE(container.Mounts("cache"));
  EXPECT_FALSE(container.Mounts("/var/run/"));
}

}  // namespace
}  // namespace injector::test
