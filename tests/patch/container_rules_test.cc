// Each rule with what passes ("none") and what does not (its place). The entrance is
// CheckContainer, so that the rules see what they see in service.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "patch/container_schema.h"

namespace injector::patch {
namespace {

std::string FaultAt(const std::string& text) {
  const auto checked = CheckContainer(nlohmann::json::parse(text));
  if (checked) return "none";
  EXPECT_EQ(checked.error().kind, ErrorKind::kInvalidContainer) << text;
  return checked.error().where;
}

struct Case {
  const char* part;   // stands for % in the test's container
  const char* where;  // below the place that the test names
};

// Puts each part into `container` and compares where the fault is.
template <std::size_t N>
void ExpectFaults(const std::string& container, const std::string& place, const Case (&cases)[N]) {
  const auto hole = container.find('%');
  for (const Case& c : cases) {
    const std::string text = std::string(container).replace(hole, 1, c.part);
    const std::string where = c.where;
    EXPECT_EQ(FaultAt(text), where == "none" ? where : place + where) << text;
  }
}

TEST(ContainerRules, ImageHasNoBlanksAroundIt) {
  ExpectFaults(R"({"image":"%"})", "/image",
               {{"r/x:1", "none"},
                {"", "none"},
                {" r/x:1", ""},
                {"r/x:1 ", ""},
                {"r/x:1\\n", ""},
                {"\\tr/x:1", ""},
                {" ", ""},
                {"r/x:1\\u00a0", ""}});
}

TEST(ContainerRules, FieldsOfOtherKindsOfContainersAreRefused) {
  ExpectFaults("{%}", "",
               {{R"("volumeDevices":[])", "none"},
                {R"("volumeDevices":[{"name":"d","devicePath":"/dev/d"}])", "/volumeDevices"},
                {R"("restartPolicyRules":[])", "none"},
                {R"("restartPolicyRules":[{"action":"Restart"}])", "/restartPolicyRules"},
                {R"("targetContainerName":null)", "none"},
                {R"("targetContainerName":"app")", "/targetContainerName"}});
}

TEST(ContainerPorts, NumbersAreFrom1To65535) {
  ExpectFaults(R"({"ports":[{%}]})", "/ports/0",
               {{R"("containerPort":1)", "none"},
                {R"("containerPort":65535)", "none"},
                {R"("containerPort":0)", "/containerPort"},
                {R"("containerPort":65536)", "/containerPort"},
                {R"("containerPort":-1)", "/containerPort"},
                {R"("name":"a")", "/containerPort"},
                {R"("containerPort":1,"hostPort":0)", "none"},
                {R"("containerPort":1,"hostPort":65535)", "none"},
                {R"("containerPort":1,"hostPort":65536)", "/hostPort"},
                {R"("containerPort":1,"hostPort":-1)", "/hostPort"}});
}

TEST(ContainerPorts, NamesAreShortLegalAndUnique) {
  ExpectFaults(R"({"ports":[{"containerPort":1,"name":"a"},{"containerPort":2,"name":"%"}]})",
               "/ports/1/name",
               {{"", "none"},
                {"b", "none"},
                {"abcdefghijklmno", "none"},
                {"abcdefghijklmnop", ""},
                {"a", ""},
                {"80", ""},
                {"A", ""},
                {"a--b", ""}});
}

TEST(ContainerPorts, HostPortsAreUniqueByProtocol) {
  ExpectFaults(R"({"ports":[{"containerPort":1,"hostPort":80},{"containerPort":2,%}]})",
               "/ports/1/hostPort",
               {{R"("hostPort":81)", "none"},
                {R"("hostPort":80,"protocol":"UDP")", "none"},
                {R"("hostPort":80)", ""},
                {R"("hostPort":80,"protocol":"TCP")", ""},
                {R"("hostPort":0)", "none"}});
}

TEST(ContainerPorts, SameContainerPortTwiceIsLegal) {
  EXPECT_EQ(FaultAt(R"({"ports":[{"containerPort":1},{"containerPort":1}]})"), "none");
}

TEST(ContainerMounts, VolumeNamesAreDnsLabels) {
  ExpectFaults(R"({"volumeMounts":[{"mountPath":"/v",%}]})", "/volumeMounts/0/name",
               {{R"("name":"v-1")", "none"},
                {R"("name":"")", ""},
                {R"("name":"a.b")", ""},
                {R"("name":"V")", ""},
                {R"("readOnly":true)", ""}});
}

TEST(ContainerMounts, PathsAreThereWithoutColonAndUnique) {
  ExpectFaults(R"({"volumeMounts":[{"name":"a","mountPath":"/a"},{"name":"b","mountPath":"%"}]})",
               "/volumeMounts/1/mountPath",
               {{"/b", "none"},
                {"a", "none"},
                {"/a/b", "none"},
                {"", ""},
                {"/b:ro", ""},
                {"/a", ""},
                {"/a/", ""},
                {"//a", ""},
                {"/b/../a", ""}});
}

TEST(ContainerMounts, SubPathDescendsAndStandsAlone) {
  ExpectFaults(R"({"volumeMounts":[{"name":"a","mountPath":"/a",%}]})", "/volumeMounts/0",
               {{R"("subPath":"b/c")", "none"},
                {R"("subPath":"")", "none"},
                {R"("subPath":"..b/c..")", "none"},
                {R"("subPath":"/b")", "/subPath"},
                {R"("subPath":"..")", "/subPath"},
                {R"("subPath":"b/../c")", "/subPath"},
                {R"("subPath":"b/..")", "/subPath"},
                {R"("subPathExpr":"$(A)/b")", "none"},
                {R"("subPathExpr":"../b")", "/subPathExpr"},
                {R"("subPath":"b","subPathExpr":"c")", "/subPathExpr"},
                {R"("subPath":"b","subPathExpr":"")", "none"}});
}

TEST(ContainerMounts, BidirectionalPropagationNeedsPrivilege) {
  const std::string mount =
      R"("volumeMounts":[{"name":"a","mountPath":"/a","mountPropagation":"Bidirectional"}])";
  EXPECT_EQ(FaultAt("{" + mount + "}"), "/volumeMounts/0/mountPropagation");
  EXPECT_EQ(FaultAt("{" + mount + R"(,"securityContext":{"privileged":false}})"),
            "/volumeMounts/0/mountPropagation");
  EXPECT_EQ(FaultAt("{" + mount + R"(,"securityContext":{"privileged":true}})"), "none");
}

TEST(ContainerMounts, RecursiveReadOnlyNeedsReadOnlyAndNoPropagation) {
  ExpectFaults(
      R"({"volumeMounts":[{"name":"a","mountPath":"/a",%}]})", "/volumeMounts/0/recursiveReadOnly",
      {{R"("recursiveReadOnly":"Disabled")", "none"},
       {R"("recursiveReadOnly":"Enabled","readOnly":true)", "none"},
       {R"("recursiveReadOnly":"IfPossible","readOnly":true,"mountPropagation":"None")", "none"},
       {R"("recursiveReadOnly":"Enabled")", ""},
       {R"("recursiveReadOnly":"IfPossible","readOnly":false)", ""},
       {R"("recursiveReadOnly":"Enabled","readOnly":true,)"
        R"("mountPropagation":"HostToContainer")",
        ""}});
}

TEST(ContainerEnv, NamesFollowTheStricterRule) {
  ExpectFaults(R"({"env":[{"name":"%"}]})", "/env/0/name",
               {{"A_b-c.d", "none"}, {"", ""}, {"1A", ""}, {"A B", ""}, {"A=B", ""}, {"..", ""}});
  EXPECT_EQ(FaultAt(R"({"env":[{"value":"x"}]})"), "/env/0/name");
}

TEST(ContainerEnv, ValueFromHasExactlyOneSourceAndNoValueBesideIt) {
  ExpectFaults(
      R"({"env":[{"name":"A",%}]})", "/env/0/valueFrom",
      {{R"("valueFrom":{"secretKeyRef":{"name":"s","key":"k"}})", "none"},
       {R"("value":"","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}})", "none"},
       {R"("valueFrom":{})", ""},
       {R"("valueFrom":{"secretKeyRef":null})", ""},
       {R"("valueFrom":{"newRef":{}})", ""},
       {R"("value":"x","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}})", ""},
       {R"("valueFrom":{"secretKeyRef":{"name":"s","key":"k"},)"
        R"("fieldRef":{"fieldPath":"metadata.name"}})",
        "/secretKeyRef"},
       {R"("valueFrom":{"fileKeyRef":{"volumeName":"v","path":"p","key":"k"}})", "/fileKeyRef"}});
}

TEST(ContainerEnv, FieldPathsAreThoseOfEveryServer) {
  ExpectFaults(R"({"env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"%"}}}]})",
               "/env/0/valueFrom/fieldRef/fieldPath",
               {{"metadata.name", "none"},
                {"metadata.namespace", "none"},
                {"metadata.uid", "none"},
                {"spec.nodeName", "none"},
                {"spec.serviceAccountName", "none"},
                {"status.hostIP", "none"},
                {"status.podIP", "none"},
                {"status.podIPs", "none"},
                {"metadata.labels['app']", "none"},
                {"metadata.labels['example.com/app']", "none"},
                {"metadata.annotations['Example.com/App']", "none"},
                {"status.hostIPs", ""},
                {"", ""},
                {"spec.image", ""},
                {"metadata.labels", ""},
                {"metadata.labels['']", ""},
                {"metadata.labels['", ""},
                {"metadata.labels['a b']", ""},
                {"metadata.labels['A.com/b']", ""},
                {"metadata.labels[app]", ""},
                {"metadata.name['a']", ""}});
  EXPECT_EQ(FaultAt(R"({"env":[{"name":"A","valueFrom":{"fieldRef":{}}}]})"),
            "/env/0/valueFrom/fieldRef/fieldPath");
  EXPECT_EQ(FaultAt(R"({"env":[{"name":"A","valueFrom":{"fieldRef":
                       {"apiVersion":"v2","fieldPath":"metadata.name"}}}]})"),
            "/env/0/valueFrom/fieldRef/apiVersion");
}

TEST(ContainerEnv, ResourceFieldsAndDivisorsAreLegal) {
  ExpectFaults(R"({"env":[{"name":"A","valueFrom":{"resourceFieldRef":{%}}}]})",
               "/env/0/valueFrom/resourceFieldRef",
               {{R"("resource":"limits.cpu")", "none"},
                {R"("resource":"requests.cpu","divisor":"1m")", "none"},
                {R"("resource":"limits.cpu","divisor":1)", "none"},
                {R"("resource":"limits.cpu","divisor":"0")", "none"},
                {R"("resource":"limits.memory","divisor":"1Mi")", "none"},
                {R"("resource":"requests.ephemeral-storage","divisor":"1G")", "none"},
                {R"("resource":"limits.hugepages-2Mi","divisor":"1Ki")", "none"},
                {R"("divisor":"1")", "/resource"},
                {R"("resource":"limits.gpu")", "/resource"},
                {R"("resource":"cpu")", "/resource"},
                {R"("resource":"limits.cpu","divisor":"1k")", "/divisor"},
                {R"("resource":"limits.cpu","divisor":"1000m")", "/divisor"},
                {R"("resource":"limits.memory","divisor":"1m")", "/divisor"},
                {R"("resource":"limits.memory","divisor":"1024")", "/divisor"},
                {R"("resource":"limits.hugepages-2Mi","divisor":"2Mi")", "/divisor"}});
}

TEST(ContainerEnv, ReferencesHaveLegalNamesAndKeys) {
  ExpectFaults(R"({"env":[{"name":"A","valueFrom":{"configMapKeyRef":{%}}}]})",
               "/env/0/valueFrom/configMapKeyRef",
               {{R"("name":"a.b","key":"k_1")", "none"},
                {R"("key":"k")", "/name"},
                {R"("name":"A","key":"k")", "/name"},
                {R"("name":"a")", "/key"},
                {R"("name":"a","key":"a/b")", "/key"},
                {R"("name":"a","key":"..")", "/key"}});
}

TEST(ContainerEnvFrom, HasOneLegalSourceAndALegalPrefix) {
  ExpectFaults(R"({"envFrom":[{%}]})", "/envFrom/0",
               {{R"("configMapRef":{"name":"m"})", "none"},
                {R"("secretRef":{"name":"s"},"prefix":"")", "none"},
                {R"("secretRef":{"name":"s"},"prefix":"P_")", "none"},
                {R"("secretRef":{"name":"s"},"prefix":"1")", "/prefix"},
                {R"("prefix":"P_")", ""},
                {R"("secretRef":{})", "/secretRef/name"},
                {R"("configMapRef":{"name":"M"})", "/configMapRef/name"},
                {R"("configMapRef":{"name":"m"},"secretRef":{"name":"s"})", "/secretRef"}});
}

}  // namespace
}  // namespace injector::patch
