// The invariants are the oracle of other tests, so each is shown to notice what it is there for.

#include "tests/support/pod_invariants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/container_faults.h"

namespace injector::test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

const json& Original() {
  static const json kPod = json::parse(R"({
    "metadata": {"name": "p", "labels": {"app": "a"}, "annotations": {"x": "y"}},
    "spec": {"nodeName": "n", "volumes": [{"name": "v", "emptyDir": {}}],
             "containers": [{"name": "app", "image": "i", "env": [{"name": "A"}],
                             "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
             "initContainers": [{"name": "one"}, {"name": "two"}],
             "resourceClaims": [{"name": "c"}]}})");
  return kPod;
}

// What is broken after RFC 6902 operations on the original.
std::vector<std::string> BrokenBy(const char* operations) {
  return BrokenInvariants(Original(), Original().patch(json::parse(operations)));
}

TEST(BrokenInvariants, LegalAdditionsBreakNothing) {
  EXPECT_THAT(BrokenBy("[]"), IsEmpty());
  EXPECT_THAT(BrokenBy(R"([
      {"op":"add","path":"/metadata/labels/dapr.io~1app-id","value":"a"},
      {"op":"add","path":"/metadata/annotations/component-injector.dapr.io~1status","value":"{}"},
      {"op":"add","path":"/spec/volumes/-","value":{"name":"w"}},
      {"op":"add","path":"/spec/containers/0/env/-","value":{"name":"B","value":"1"}},
      {"op":"add","path":"/spec/containers/0/volumeMounts/-",
       "value":{"name":"w","mountPath":"/w"}},
      {"op":"add","path":"/spec/initContainers/1",
       "value":{"name":"new","image":"i","restartPolicy":"Always"}},
      {"op":"add","path":"/spec/containers/-","value":{"name":"daprd","image":"i"}}])"),
              IsEmpty());
}

struct Case {
  const char* operation;
  const char* broken;
};

TEST(BrokenInvariants, WhatIsLostOrChangedIsNoticed) {
  const Case cases[] = {
      {R"({"op":"add","path":"/status","value":{}})", "pod gets no status"},
      {R"({"op":"replace","path":"/metadata/name","value":"q"})", "metadata keeps name"},
      {R"({"op":"replace","path":"/metadata/labels/app","value":"b"})", "labels keeps app"},
      {R"({"op":"add","path":"/metadata/labels/new","value":"b"})", "labels gets no new"},
      {R"({"op":"remove","path":"/metadata/annotations/x"})", "annotations keeps x"},
      {R"({"op":"add","path":"/metadata/annotations/z","value":""})", "annotations gets no z"},
      {R"({"op":"remove","path":"/spec/nodeName"})", "spec keeps nodeName"},
      {R"({"op":"add","path":"/spec/hostNetwork","value":true})", "spec gets no hostNetwork"},
      {R"({"op":"add","path":"/spec/volumes/0/name","value":"w"})", "volumes keeps v"},
      {R"({"op":"replace","path":"/spec/containers/0/image","value":"j"})",
       "containers keeps app keeps image"},
      {R"({"op":"add","path":"/spec/containers/0/tty","value":true})",
       "containers keeps app gets no tty"},
      {R"({"op":"remove","path":"/spec/containers/0/env"})", "containers keeps app with its env"},
      {R"({"op":"add","path":"/spec/containers/0/env/0","value":{"name":"B"}})",
       "containers keeps app with its env"},
      {R"({"op":"add","path":"/spec/containers/0/env/-","value":{"name":"A"}})",
       "containers keeps app gets one more A in env"},
      {R"({"op":"remove","path":"/spec/initContainers/0"})", "initContainers keeps one"},
      {R"({"op":"move","from":"/spec/initContainers/0","path":"/spec/initContainers/1"})",
       "initContainers keeps two"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(BrokenBy(("[" + std::string(c.operation) + "]").c_str()), Contains(c.broken))
        << c.operation;
  }
}

TEST(BrokenInvariants, ClashesAreNoticed) {
  const Case cases[] = {
      {R"({"op":"add","path":"/spec/containers/-","value":{"name":"one","image":"i"}})",
       "container name one is unique"},
      {R"({"op":"add","path":"/spec/volumes/-","value":{"name":"v"}})", "volume name v is unique"},
      {R"({"op":"add","path":"/spec/containers/0/volumeMounts/-",
           "value":{"name":"v","mountPath":"/v"}})",
       "app mounts once at /v"},
      {R"({"op":"add","path":"/spec/containers/0/volumeMounts/-",
           "value":{"name":"w","mountPath":"/w"}})",
       "app mounts a volume that is there: w"},
      {R"({"op":"add","path":"/spec/containers/-","value":{"name":"n","image":"i",
           "resources":{"claims":[{"name":"d"}]}}})",
       "the pod has the claim"},
      {R"({"op":"add","path":"/spec/containers/-","value":{"name":"n","image":"i",
           "ports":[{"containerPort":1,"hostPort":5},{"containerPort":2,"hostPort":5}]}})",
       "host port TCP5 of n is free, not held by n"},
      {R"({"op":"add","path":"/spec/containers/-","value":{"name":"a.b","image":"i"}})",
       "container a.b: name is a DNS label"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(BrokenBy(("[" + std::string(c.operation) + "]").c_str()), Contains(c.broken))
        << c.operation;
  }
}

TEST(BrokenInvariants, AmountsBesideThoseOfThePodAreNoticed) {
  json pod = Original();
  pod["spec"]["resources"] = {{"limits", {{"cpu", "1"}}}};
  json patched = pod;
  patched["spec"]["containers"].push_back(
      {{"name", "n"}, {"image", "i"}, {"resources", {{"limits", {{"cpu", "1"}}}}}});
  EXPECT_THAT(BrokenInvariants(pod, patched),
              ElementsAre("n asks for nothing of a pod that bounds the sum"));
}

TEST(BrokenInvariants, FaultsOfTheOriginalAreItsOwn) {
  json pod = Original();
  pod["spec"]["volumes"].push_back({{"name", "v"}});
  EXPECT_THAT(BrokenInvariants(pod, pod), IsEmpty());
}

TEST(ContainerFaults, EachFaultIsNoticed) {
  const char* faults[] = {
      R"("image":" i")",
      R"("image":"")",
      R"("restartPolicy":"Never")",
      R"("volumeDevices":[{}])",
      R"("imagePullPolicy":"x")",
      R"("args":[1])",
      R"("ports":[{"containerPort":0}])",
      R"("ports":[{"containerPort":1,"name":"a"},{"containerPort":2,"name":"a"}])",
      R"("ports":[{"containerPort":1,"protocol":"tcp"}])",
      R"("env":[{"name":"1"}])",
      R"("env":[{"name":"A","valueFrom":{}}])",
      R"("env":[{"name":"A","value":"x","valueFrom":{"fieldRef":{}}}])",
      R"("env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"S","key":"k"}}}])",
      R"("volumeMounts":[{"name":"v","mountPath":""}])",
      R"("volumeMounts":[{"name":"v","mountPath":"/a"},{"name":"w","mountPath":"/a/"}])",
      R"("volumeMounts":[{"name":"v","mountPath":"/a","subPath":"../b"}])",
      R"("volumeMounts":[{"name":"v","mountPath":"/a","mountPropagation":"Bidirectional"}])",
      R"("volumeMounts":[{"name":"v","mountPath":"/a","recursiveReadOnly":"Enabled"}])",
      R"("livenessProbe":{})",
      R"("livenessProbe":{"exec":{"command":["a"]},"grpc":{"port":1}})",
      R"("livenessProbe":{"grpc":{"port":0}})",
      R"("livenessProbe":{"grpc":{"port":1},"successThreshold":2})",
      R"("readinessProbe":{"grpc":{"port":1},"periodSeconds":-1})",
      R"("readinessProbe":{"grpc":{"port":1},"terminationGracePeriodSeconds":1})",
      R"("lifecycle":{"preStop":{}})",
      R"("lifecycle":{"stopSignal":"SIGTERM"})",
      R"("resources":{"limits":{"cpu":"-1"}})",
      R"("resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}})",
      R"("resources":{"requests":{"a.b/c":"2"}})",
      R"("securityContext":{"runAsUser":-1})",
      R"("securityContext":{"allowPrivilegeEscalation":false,"privileged":true})",
      R"("securityContext":{"allowPrivilegeEscalation":false,)"
      R"("capabilities":{"add":["SYS_ADMIN"]}})",
      R"("securityContext":{"seccompProfile":{"type":"Localhost"}})",
  };
  for (const char* fault : faults) {
    const std::string text = R"({"name":"c","image":"i",)" + std::string(fault) + "}";
    EXPECT_THAT(ContainerFaults(json::parse(text, nullptr, false), true), Not(IsEmpty())) << text;
  }
  EXPECT_THAT(ContainerFaults(json::parse(R"({"name":"c","image":"i"})"), false), IsEmpty());
  EXPECT_THAT(ContainerFaults(json::parse(R"({"name":"C","image":"i"})"), false),
              ElementsAre("container C: name is a DNS label"));
}

}  // namespace
}  // namespace injector::test
