#include "patch/sidecar_container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/decision_names.h"
#include "tests/support/parsed_pod.h"

namespace injector::test {
namespace {

using nlohmann::json;
using patch::BuildSidecarContainer;
using patch::Decisions;
using patch::PodAnnotations;
using patch::Settings;
using patch::SidecarRequest;
using patch::Surroundings;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPod = R"({"spec": {
  "containers": [{"name": "orders", "ports": [{"containerPort": 9090}]}],
  "volumes": [{"name": "certs"}]}})";

// What a test may change before it asks for the container.
struct Sidecar {
  explicit Sidecar(const char* pod_text = kPod) : pod(pod_text) {
    settings.control_plane_namespace = "dapr-system";
    settings.sidecar_image = "daprd:1";
    surroundings.trust_anchors = "PEM";
  }

  json Build() {
    return json::parse(
        BuildSidecarContainer(request, annotations, settings, surroundings, decisions));
  }

  ParsedPod pod;
  SidecarRequest request{pod.View(), "shop", "orders"};
  PodAnnotations annotations;
  Settings settings;
  Surroundings surroundings;
  Decisions decisions;
};

TEST(BuildSidecarContainer, FieldsOfAPlainSidecar) {
  Sidecar sidecar;
  const json container = sidecar.Build();
  EXPECT_EQ(container["name"], "daprd");
  EXPECT_EQ(container["image"], "daprd:1");
  EXPECT_EQ(container["imagePullPolicy"], "Always");
  EXPECT_EQ(container["resources"], json::object());
  EXPECT_EQ(container["env"], json::parse(R"([
    {"name": "NAMESPACE", "value": "shop"},
    {"name": "DAPR_TRUST_ANCHORS", "value": "PEM"},
    {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    {"name": "DAPR_CONTROLPLANE_NAMESPACE", "value": "dapr-system"},
    {"name": "DAPR_CONTROLPLANE_TRUST_DOMAIN", "value": "cluster.local"}])"));
  EXPECT_EQ(container["livenessProbe"], json::parse(R"({"tcpSocket": {"port": 3501},
    "initialDelaySeconds": 180, "timeoutSeconds": 3, "periodSeconds": 10,
    "failureThreshold": 5})"));
  EXPECT_EQ(container["securityContext"], json::parse(R"({"allowPrivilegeEscalation": false,
    "readOnlyRootFilesystem": true, "runAsNonRoot": true})"));
  for (const char* absent : {"command", "restartPolicy", "startupProbe", "lifecycle"}) {
    EXPECT_FALSE(container.contains(absent)) << absent;
  }
  EXPECT_THAT(sidecar.decisions, IsEmpty());
}

TEST(BuildSidecarContainer, AmountsAreGivenOnlyWhereThePodHasNoneOfItsOwn) {
  Sidecar plain;
  plain.annotations.cpu_request = "100m";
  EXPECT_EQ(plain.Build()["resources"], json::parse(R"({"requests": {"cpu": "100m"}})"));
  Sidecar bounded(R"({"spec": {"containers": [], "resources": {"requests": {"cpu": "1"}}}})");
  bounded.annotations.cpu_request = "100m";
  EXPECT_EQ(bounded.Build()["resources"], json::object());
  EXPECT_THAT(NamesOf(bounded.decisions), ElementsAre("annotation/invalid-value"));
}

TEST(BuildSidecarContainer, NativeSidecarRestarts) {
  Sidecar sidecar;
  sidecar.request.native = true;
  EXPECT_EQ(sidecar.Build()["restartPolicy"], "Always");
}

TEST(BuildSidecarContainer, StartupProbeWaitsForWhatTheAppMayCall) {
  Sidecar sidecar;
  sidecar.request.startup_probe = true;
  EXPECT_EQ(sidecar.Build()["startupProbe"],
            json::parse(R"({"httpGet": {"path": "/v1.0/healthz/outbound", "port": 3501},
              "timeoutSeconds": 1, "periodSeconds": 1, "failureThreshold": 300})"));
}

TEST(BuildSidecarContainer, NoMountsNoList) {
  Sidecar sidecar;
  sidecar.surroundings.identity_token = false;
  EXPECT_FALSE(sidecar.Build().contains("volumeMounts"));
}

TEST(BuildSidecarContainer, MountsInTheirOrder) {
  Sidecar sidecar;
  sidecar.request.component_sockets = true;
  sidecar.annotations.sockets_folder = "/sockets";
  sidecar.annotations.unix_domain_socket_path = "/run/dapr";
  sidecar.annotations.mounts = {{"certs", "/certs", true}, {"certs", "/more", false}};
  EXPECT_EQ(sidecar.Build()["volumeMounts"], json::parse(R"([
    {"name": "certs", "mountPath": "/certs", "readOnly": true},
    {"name": "certs", "mountPath": "/more"},
    {"name": "dapr-unix-domain-socket", "mountPath": "/var/run/dapr-sockets"},
    {"name": "dapr-identity-token", "mountPath": "/var/run/secrets/dapr.io/sentrytoken",
     "readOnly": true},
    {"name": "dapr-components-unix-domain-socket", "mountPath": "/sockets"}])"));
}

TEST(BuildSidecarContainer, ServiceAccountIsTheLastMountUnlessItsPathIsTaken) {
  Sidecar sidecar;
  sidecar.request.component_sockets = true;
  sidecar.annotations.sockets_folder = "/sockets";
  sidecar.request.service_account_volume = "kube-api-access-x7k2p";
  const json mounts = sidecar.Build()["volumeMounts"];
  EXPECT_EQ(mounts.size(), 3U);
  EXPECT_EQ(mounts.at(2), json::parse(R"({"name": "kube-api-access-x7k2p", "readOnly": true,
      "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"})"));
  sidecar.annotations.mounts = {{"certs", "/var/run/secrets/kubernetes.io/serviceaccount", false}};
  EXPECT_EQ(sidecar.Build()["volumeMounts"].size(), 3U);
}

TEST(BuildSidecarContainer, MountOfAVolumeThatIsNotThereIsSkipped) {
  Sidecar sidecar;
  sidecar.annotations.mounts = {{"cache", "/cache", false}};
  EXPECT_EQ(sidecar.Build()["volumeMounts"].size(), 1U);
  EXPECT_THAT(NamesOf(sidecar.decisions), ElementsAre("pod/mount-skipped"));
}

TEST(BuildSidecarContainer, ProbeNumbersOfZeroAreLeftOut) {
  Sidecar sidecar;
  sidecar.annotations.readiness = {0, 0, 0, 2};
  EXPECT_EQ(sidecar.Build()["readinessProbe"],
            json::parse(R"({"httpGet": {"path": "/v1.0/healthz", "port": 3501},
              "failureThreshold": 2})"));
}

TEST(BuildSidecarContainer, ToleratedEntrypointMovesTheProgramToCommand) {
  Sidecar sidecar(R"({"spec": {"containers": [],
    "tolerations": [{"key": "edge", "operator": "Exists", "tolerationSeconds": 60}]}})");
  sidecar.settings.ignore_entrypoint_tolerations = {{"edge", "Exists", "", "", 60}};
  const json container = sidecar.Build();
  EXPECT_EQ(container["command"], json::array({"/daprd"}));
  EXPECT_EQ(container["args"][0], "--dapr-http-port");
}

TEST(BuildSidecarContainer, TolerationThatDiffersInOneFieldDoesNotCount) {
  Sidecar sidecar(R"({"spec": {"containers": [],
    "tolerations": [{"key": "edge", "operator": "Exists"}]}})");
  sidecar.settings.ignore_entrypoint_tolerations = {{"edge", "Exists", "", "", 60}};
  EXPECT_FALSE(sidecar.Build().contains("command"));
}

TEST(BuildSidecarContainer, PodForWindowsGetsFieldsThatWindowsHas) {
  Sidecar sidecar(R"({"spec": {"containers": [], "os": {"name": "windows"}}})");
  sidecar.settings.run_as_user = 1000;
  sidecar.settings.drop_all_capabilities = true;
  EXPECT_EQ(sidecar.Build()["securityContext"], json::parse(R"({"runAsNonRoot": true})"));
}

TEST(BuildSidecarContainer, CertificateFolderMakesAnAdministrator) {
  Sidecar sidecar;
  sidecar.settings.run_as_user = 1000;
  sidecar.settings.run_as_group = 3000;
  sidecar.annotations.env = {{"SSL_CERT_DIR", "/certs"}};
  EXPECT_EQ(sidecar.Build()["securityContext"],
            json::parse(R"({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": false,
              "runAsNonRoot": false,
              "windowsOptions": {"runAsUserName": "ContainerAdministrator"}})"));
}

TEST(BuildSidecarContainer, TakenPortIsNotDeclaredOnTheHostsNetwork) {
  Sidecar sidecar(R"({"spec": {"containers": [], "hostNetwork": true}})");
  sidecar.request.taken_ports = {9090};
  const json ports = sidecar.Build()["ports"];
  EXPECT_EQ(ports.size(), 3U);
  EXPECT_EQ(ports[2]["name"], "dapr-internal");
  EXPECT_THAT(NamesOf(sidecar.decisions), ElementsAre("pod/port-taken"));
}

TEST(BuildSidecarContainer, RepeatedVariableIsAddedAndSaid) {
  Sidecar sidecar;
  sidecar.annotations.env = {{"POD_NAME", "x"}};
  const json env = sidecar.Build()["env"];
  EXPECT_EQ(env[5], json::parse(R"({"name": "POD_NAME", "value": "x"})"));
  EXPECT_EQ(env[6], json::parse(R"({"name": "DAPR_ENV_KEYS", "value": "POD_NAME"})"));
  EXPECT_THAT(NamesOf(sidecar.decisions), ElementsAre("pod/env-name-repeated"));
}

}  // namespace
}  // namespace injector::test
