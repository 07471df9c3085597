// Rules on probes, hooks, resources and securityContext; see container_rules_test.cc.

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

template <std::size_t N>
void ExpectFaults(const std::string& container, const std::string& place, const Case (&cases)[N]) {
  const auto hole = container.find('%');
  for (const Case& c : cases) {
    const std::string text = std::string(container).replace(hole, 1, c.part);
    const std::string where = c.where;
    EXPECT_EQ(FaultAt(text), where == "none" ? where : place + where) << text;
  }
}

TEST(ContainerProbes, HaveExactlyOneHandler) {
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    ExpectFaults(R"({")" + std::string(probe) + R"(":{%}})", "/" + std::string(probe),
                 {{R"("exec":{"command":["a"]})", "none"},
                  {R"("httpGet":{"port":80})", "none"},
                  {R"("tcpSocket":{"port":"http"})", "none"},
                  {R"("grpc":{"port":80})", "none"},
                  {"", ""},
                  {R"("exec":null)", ""},
                  {R"("sleep":{"seconds":1})", ""},
                  {R"("exec":{"command":["a"]},"grpc":{"port":80})", "/grpc"}});
  }
}

TEST(ContainerProbes, HandlersAreComplete) {
  ExpectFaults(
      R"({"livenessProbe":{%}})", "/livenessProbe",
      {{R"("exec":{})", "/exec/command"},
       {R"("exec":{"command":[]})", "/exec/command"},
       {R"("httpGet":{})", "/httpGet/port"},
       {R"("httpGet":{"port":0})", "/httpGet/port"},
       {R"("httpGet":{"port":65536})", "/httpGet/port"},
       {R"("httpGet":{"port":"80"})", "/httpGet/port"},
       {R"("httpGet":{"port":""})", "/httpGet/port"},
       {R"("httpGet":{"port":80,"path":""})", "none"},
       {R"("httpGet":{"port":80,"httpHeaders":[{"name":"X-A"}]})", "none"},
       {R"("httpGet":{"port":80,"httpHeaders":[{"name":"X A"}]})", "/httpGet/httpHeaders/0/name"},
       {R"("httpGet":{"port":80,"httpHeaders":[{}]})", "/httpGet/httpHeaders/0/name"},
       {R"("tcpSocket":{})", "/tcpSocket/port"},
       {R"("tcpSocket":{"port":-1})", "/tcpSocket/port"},
       {R"("grpc":{})", "/grpc/port"},
       {R"("grpc":{"port":65536})", "/grpc/port"}});
}

TEST(ContainerProbes, NumbersAreSane) {
  ExpectFaults(
      R"({"readinessProbe":{"grpc":{"port":80},%}})", "/readinessProbe",
      {{R"("initialDelaySeconds":0,"timeoutSeconds":0,"periodSeconds":0,"successThreshold":0,)"
        R"("failureThreshold":0)",
        "none"},
       {R"("initialDelaySeconds":-1)", "/initialDelaySeconds"},
       {R"("timeoutSeconds":-1)", "/timeoutSeconds"},
       {R"("periodSeconds":-1)", "/periodSeconds"},
       {R"("successThreshold":-1)", "/successThreshold"},
       {R"("failureThreshold":-1)", "/failureThreshold"}});
}

TEST(ContainerProbes, OnlyReadinessMayAskForSeveralSuccesses) {
  const std::string probe = R"(":{"grpc":{"port":80},"successThreshold":2}})";
  EXPECT_EQ(FaultAt(R"({"readinessProbe)" + probe), "none");
  EXPECT_EQ(FaultAt(R"({"livenessProbe)" + probe), "/livenessProbe/successThreshold");
  EXPECT_EQ(FaultAt(R"({"startupProbe)" + probe), "/startupProbe/successThreshold");
}

TEST(ContainerProbes, GracePeriodIsPositiveAndNotForReadiness) {
  ExpectFaults(R"({"livenessProbe":{"grpc":{"port":80},"terminationGracePeriodSeconds":%}})",
               "/livenessProbe/terminationGracePeriodSeconds",
               {{"1", "none"}, {"null", "none"}, {"0", ""}, {"-1", ""}});
  EXPECT_EQ(FaultAt(R"({"readinessProbe":{"grpc":{"port":80},"terminationGracePeriodSeconds":1}})"),
            "/readinessProbe/terminationGracePeriodSeconds");
}

TEST(ContainerLifecycle, HooksHaveExactlyOneHandler) {
  for (const char* hook : {"postStart", "preStop"}) {
    ExpectFaults(R"({"lifecycle":{")" + std::string(hook) + R"(":{%}}})",
                 "/lifecycle/" + std::string(hook),
                 {{R"("exec":{"command":["a"]})", "none"},
                  {R"("httpGet":{"port":80})", "none"},
                  {"", ""},
                  {R"("grpc":{"port":80})", ""},
                  {R"("exec":{"command":["a"]},"httpGet":{"port":80})", "/httpGet"},
                  {R"("exec":{})", "/exec/command"},
                  {R"("sleep":{"seconds":1})", "/sleep"}});
  }
  EXPECT_EQ(FaultAt(R"({"lifecycle":{}})"), "none");
}

TEST(ContainerLifecycle, StopSignalIsRefused) {
  EXPECT_EQ(FaultAt(R"({"lifecycle":{"stopSignal":"SIGUSR1"}})"), "/lifecycle/stopSignal");
}

TEST(ContainerResources, NamesAreStandardOrHaveADomain) {
  ExpectFaults(R"({"resources":{"limits":{"cpu":1,%}}})", "/resources/limits",
               {{R"("memory":1)", "none"},
                {R"("ephemeral-storage":1)", "none"},
                {R"("hugepages-2Mi":"4Mi")", "none"},
                {R"("example.com/gpu":1)", "none"},
                {R"("kubernetes.io/batch":"1500m")", "none"},
                {R"("gpu":1)", "/gpu"},
                {R"("pods":1)", "/pods"},
                {R"("":1)", "/"},
                {R"("storage":1)", "/storage"},
                {R"("requests.example.com/gpu":1)", "/requests.example.com~1gpu"},
                {R"("a b/c":1)", "/a b~1c"},
                {R"("example.com/":1)", "/example.com~1"}});
}

TEST(ContainerResources, AmountsAreNotNegative) {
  ExpectFaults(R"({"resources":{%}})", "/resources",
               {{R"("limits":{"cpu":"0"})", "none"},
                {R"("limits":{"cpu":"-1"})", "/limits/cpu"},
                {R"("requests":{"memory":-1})", "/requests/memory"}});
}

TEST(ContainerResources, RequestsDoNotExceedLimits) {
  ExpectFaults(R"({"resources":{%}})", "/resources/requests",
               {{R"("requests":{"cpu":"500m"},"limits":{"cpu":"0.5"})", "none"},
                {R"("requests":{"cpu":"501m"},"limits":{"cpu":"0.5"})", "/cpu"},
                {R"("requests":{"memory":"1G"},"limits":{"memory":"1Gi"})", "none"},
                {R"("requests":{"memory":"1Gi"},"limits":{"memory":"1G"})", "/memory"},
                {R"("requests":{"memory":"1Gi"})", "none"},
                {R"("requests":{"memory":"1Gi"},"limits":{"cpu":1})", "none"},
                {R"("requests":{"memory":9007199254740993},"limits":{"memory":9007199254740992})",
                 "/memory"}});
}

TEST(ContainerResources, ExtendedResourcesAreWholeAndEqualInBoth) {
  ExpectFaults(R"({"resources":{%}})", "/resources",
               {{R"("requests":{"a.b/c":"2"},"limits":{"a.b/c":2})", "none"},
                {R"("limits":{"a.b/c":2})", "none"},
                {R"("requests":{"a.b/c":2})", "/requests/a.b~1c"},
                {R"("requests":{"a.b/c":1},"limits":{"a.b/c":2})", "/requests/a.b~1c"},
                {R"("limits":{"a.b/c":"1500m"})", "/limits/a.b~1c"},
                {R"("limits":{"a.b/c":"1e16"})", "/limits/a.b~1c"}});
}

TEST(ContainerResources, HugePagesAreWholePagesEqualInBothAndHaveCompany) {
  ExpectFaults(
      R"({"resources":{%}})", "/resources",
      {{R"("limits":{"memory":1,"hugepages-2Mi":"4Mi"})", "none"},
       {R"("limits":{"hugepages-2Mi":"4Mi"},"requests":{"cpu":1,"hugepages-2Mi":4194304})", "none"},
       {R"("limits":{"hugepages-2Mi":"4Mi"})", ""},
       {R"("limits":{"hugepages-2Mi":"4Mi","ephemeral-storage":1})", ""},
       {R"("limits":{"cpu":1,"hugepages-2Mi":"3Mi"})", "/limits/hugepages-2Mi"},
       {R"("limits":{"cpu":1,"hugepages-x":"4Mi"})", "/limits/hugepages-x"},
       {R"("limits":{"cpu":1,"hugepages-0":"4Mi"})", "/limits/hugepages-0"},
       {R"("requests":{"cpu":1,"hugepages-2Mi":"4Mi"})", "/requests/hugepages-2Mi"},
       {R"("limits":{"cpu":1,"hugepages-2Mi":"4Mi"},"requests":{"hugepages-2Mi":"2Mi"})",
        "/requests/hugepages-2Mi"}});
}

TEST(ContainerResources, ClaimsAreNamedOnceEach) {
  ExpectFaults(R"({"resources":{"claims":[{"name":"a"},{%}]}})", "/resources/claims/1",
               {{R"("name":"b","request":"r")", "none"},
                {R"("name":"b","request":"")", "none"},
                {"", "/name"},
                {R"("name":"B")", "/name"},
                {R"("name":"a")", "/name"},
                {R"("name":"b","request":"R")", "/request"}});
}

TEST(ContainerResizePolicy, NamesEachResourceOnceAndNeedsNoRestart) {
  const std::string first = R"({"resizePolicy":[{"resourceName":"cpu",)"
                            R"("restartPolicy":"NotRequired"},{%}]})";
  ExpectFaults(first, "/resizePolicy/1",
               {{R"("resourceName":"memory","restartPolicy":"NotRequired")", "none"},
                {R"("resourceName":"memory","restartPolicy":"RestartContainer")", "/restartPolicy"},
                {R"("resourceName":"memory")", "/restartPolicy"},
                {R"("restartPolicy":"NotRequired")", "/resourceName"},
                {R"("resourceName":"cpu","restartPolicy":"NotRequired")", ""}});
}

TEST(ContainerSecurity, IdsAreOf31Bits) {
  ExpectFaults(R"({"securityContext":{%}})", "/securityContext",
               {{R"("runAsUser":0,"runAsGroup":2147483647)", "none"},
                {R"("runAsUser":-1)", "/runAsUser"},
                {R"("runAsUser":2147483648)", "/runAsUser"},
                {R"("runAsGroup":2147483648)", "/runAsGroup"}});
}

TEST(ContainerSecurity, NoEscalationContradictsPrivilege) {
  ExpectFaults(
      R"({"securityContext":{%}})", "/securityContext/allowPrivilegeEscalation",
      {{R"("allowPrivilegeEscalation":true,"privileged":true)", "none"},
       {R"("allowPrivilegeEscalation":null,"privileged":true)", "none"},
       {R"("allowPrivilegeEscalation":false,"privileged":true)", ""},
       {R"("allowPrivilegeEscalation":false,"capabilities":{"add":["NET_ADMIN"]})", "none"},
       {R"("allowPrivilegeEscalation":false,"capabilities":{"add":["SYS_ADMIN"]})", ""},
       {R"("allowPrivilegeEscalation":false,"capabilities":{"add":["A","CAP_SYS_ADMIN"]})", ""},
       {R"("allowPrivilegeEscalation":false,"capabilities":{"drop":["SYS_ADMIN"]})", "none"}});
}

TEST(ContainerSecurity, ProcMountStaysMasked) {
  EXPECT_EQ(FaultAt(R"({"securityContext":{"procMount":"Default"}})"), "none");
  EXPECT_EQ(FaultAt(R"({"securityContext":{"procMount":"Unmasked"}})"),
            "/securityContext/procMount");
}

TEST(ContainerSecurity, ProfilesFitTheirType) {
  for (const char* kind : {"seccompProfile", "appArmorProfile"}) {
    ExpectFaults(R"({"securityContext":{")" + std::string(kind) + R"(":{%}}})",
                 "/securityContext/" + std::string(kind),
                 {{R"("type":"RuntimeDefault")", "none"},
                  {R"("type":"Unconfined","localhostProfile":null)", "none"},
                  {R"("type":"Localhost","localhostProfile":"a/b.json")", "none"},
                  {"", "/type"},
                  {R"("localhostProfile":"a")", "/type"},
                  {R"("type":"Localhost")", "/localhostProfile"},
                  {R"("type":"Localhost","localhostProfile":"")", "/localhostProfile"},
                  {R"("type":"Localhost","localhostProfile":"/a")", "/localhostProfile"},
                  {R"("type":"Localhost","localhostProfile":"a/../b")", "/localhostProfile"},
                  {R"("type":"Localhost","localhostProfile":"a ")", "/localhostProfile"},
                  {R"("type":"RuntimeDefault","localhostProfile":"")", "/localhostProfile"}});
  }
}

TEST(ContainerSecurity, WindowsOptionsAreLegal) {
  ExpectFaults(R"({"securityContext":{"windowsOptions":{%}}})", "/securityContext/windowsOptions",
               {{"", "none"},
                {R"("runAsUserName":"ContainerAdministrator")", "none"},
                {R"("runAsUserName":"NT AUTHORITY\\SYSTEM")", "none"},
                {R"("runAsUserName":"")", "/runAsUserName"},
                {R"("runAsUserName":"a\\b\\c")", "/runAsUserName"},
                {R"("runAsUserName":"a@b")", "/runAsUserName"},
                {R"("hostProcess":false)", "/hostProcess"},
                {R"("gmsaCredentialSpecName":"a.b")", "none"},
                {R"("gmsaCredentialSpecName":"A")", "/gmsaCredentialSpecName"},
                {R"("gmsaCredentialSpec":"")", "/gmsaCredentialSpec"}});
}

}  // namespace
}  // namespace injector::patch
