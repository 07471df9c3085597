"""What an installation with the default values consists of."""

import unittest

from rendering import ChartTest

CERTIFICATE_RULES = [
    {"apiGroups": ["admissionregistration.k8s.io"], "resources": [resource],
     "resourceNames": ["component-injector"], "verbs": ["get", "list", "watch", "patch"]}
    for resource in ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")]
DAPR_INJECTOR_RULE = {"apiGroups": ["admissionregistration.k8s.io"],
                      "resources": ["mutatingwebhookconfigurations"],
                      "resourceNames": ["dapr-sidecar-injector"], "verbs": ["get"]}
COMPONENTS_RULE = {"apiGroups": ["dapr.io"], "resources": ["components"],
                   "verbs": ["get", "list", "watch"]}


class ObjectsTest(ChartTest):
    def test_these_and_no_others(self):
        kinds = sorted(key for key, item in self.render().items()
                       if "helm.sh/hook" not in item["metadata"].get("annotations", {}))
        self.assertEqual(kinds, [
            ("ClusterRole", "component-injector"),
            ("ClusterRoleBinding", "component-injector"),
            ("Deployment", "component-injector"),
            ("MutatingWebhookConfiguration", "component-injector"),
            ("PodDisruptionBudget", "component-injector"),
            ("Role", "component-injector-control-plane"),
            ("RoleBinding", "component-injector-control-plane"),
            ("Service", "component-injector"),
            ("ServiceAccount", "component-injector"),
            ("ValidatingWebhookConfiguration", "component-injector")])

    def test_permissions(self):
        self.assertEqual(self.one("ClusterRole")["rules"],
                         [*CERTIFICATE_RULES, DAPR_INJECTOR_RULE, COMPONENTS_RULE])
        role = self.one("Role", name="component-injector-control-plane")
        self.assertEqual(role["metadata"]["namespace"], "dapr-system")
        self.assertEqual(role["rules"], [
            {"apiGroups": ["dapr.io"], "resources": ["configurations"],
             "resourceNames": ["daprsystem"], "verbs": ["get"]}])

    def test_bindings_lead_from_the_service_account_to_the_roles(self):
        subject = [{"kind": "ServiceAccount", "name": "component-injector",
                    "namespace": "dapr-system"}]
        for kind, name in (("ClusterRole", "component-injector"),
                           ("Role", "component-injector-control-plane")):
            binding = self.one(kind + "Binding", name=name)
            self.assertEqual(binding["subjects"], subject)
            self.assertEqual(binding["roleRef"],
                             {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name})
        self.assertEqual(self.pod_spec()["serviceAccountName"], "component-injector")

    def test_mutating_webhook(self):
        self.assertEqual(self.webhook(), {
            "name": "pods.component-injector.dapr.io",
            "admissionReviewVersions": ["v1", "v1beta1"],
            "sideEffects": "None",
            "clientConfig": {"service": {"name": "component-injector", "namespace": "dapr-system",
                                         "port": 443, "path": "/mutate"}},
            "failurePolicy": "Fail",
            "reinvocationPolicy": "IfNeeded",
            "matchPolicy": "Equivalent",
            "timeoutSeconds": 10,
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"],
                       "operations": ["CREATE"], "scope": "Namespaced"}],
            "namespaceSelector": {"matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                 "values": ["kube-system", "dapr-system"]}]},
            "matchConditions": [
                {"name": "dapr-is-enabled",
                 "expression": "has(object.metadata.annotations) && 'dapr.io/enabled' in "
                               "object.metadata.annotations && "
                               "!(object.metadata.annotations['dapr.io/enabled'].lowerAscii() in "
                               "['false', 'no', 'n', 'f', 'off', '0', ''])"},
                {"name": "is-no-mirror-pod",
                 "expression": "!has(object.metadata.annotations) || "
                               "!('kubernetes.io/config.mirror' in object.metadata.annotations)"}],
        })

    def test_validating_webhook(self):
        self.assertEqual(self.webhook(kind="Validating"), {
            "name": "components.component-injector.dapr.io",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "clientConfig": {"service": {"name": "component-injector", "namespace": "dapr-system",
                                         "port": 443, "path": "/validate-component"}},
            "failurePolicy": "Ignore",
            "matchPolicy": "Equivalent",
            "timeoutSeconds": 5,
            "rules": [{"apiGroups": ["dapr.io"], "apiVersions": ["v1alpha1"],
                       "resources": ["components"], "operations": ["CREATE", "UPDATE"],
                       "scope": "Namespaced"}],
        })

    def test_command_line(self):
        container = self.container()
        self.assertEqual(container["command"], ["/component-injector", "serve"])
        self.assertEqual(container["args"], [
            "--port=4000", "--healthz-port=8080", "--metrics-port=9090", "--log-level=info",
            "--scheduler-enabled=true", "--serving-certificate=own", "--serving-key=p256",
            "--component-placement=auto", "--init-position=last", "--component-wait=on",
            "--wait-timeout=300s", "--wait-cpu=50m", "--wait-memory=32Mi",
            "--component-freshness=auto", "--component-validation=warn",
            "--status-annotation=components", "--drain-time=15s", "--max-body=8Mi",
            "--max-connections=1024", "--max-inflight-bytes=32Mi"])

    def test_environment(self):
        environment = self.environment()
        self.assertEqual([environment.pop("POD_NAMESPACE"), environment.pop("POD_NAME")],
                         [None, None])
        self.assertEqual(environment, {
            "NAMESPACE": "dapr-system",
            "WEBHOOK_SERVICE_NAME": "component-injector",
            "WEBHOOK_CONFIGURATION_NAME": "component-injector",
            "VALIDATING_WEBHOOK_CONFIGURATION_NAME": "component-injector",
            "DAPR_TRUST_ANCHORS_FILE": "/var/run/secrets/dapr.io/tls/ca.crt",
            "DAPR_CONTROL_PLANE_TRUST_DOMAIN": "cluster.local",
            "KUBE_CLUSTER_DOMAIN": "cluster.local",
            "SIDECAR_IMAGE": "ghcr.io/dapr/daprd:1.18.3",
            "SIDECAR_IMAGE_PULL_POLICY": "IfNotPresent",
            "SIDECAR_RUN_AS_NON_ROOT": "true",
            "SIDECAR_READ_ONLY_ROOT_FILESYSTEM": "true",
            "SIDECAR_DROP_ALL_CAPABILITIES": "false",
            "NATIVE_SIDECAR_ENABLED": "false",
            "ENABLE_K8S_DOWNWARD_APIS": "false",
            "IGNORE_ENTRYPOINT_TOLERATIONS":
                '[{"effect":"NoSchedule","key":"alibabacloud.com/eci"},'
                '{"effect":"NoSchedule","key":"azure.com/aci"},'
                '{"effect":"NoSchedule","key":"aws"},'
                '{"effect":"NoSchedule","key":"huawei.com/cci"}]',
            "ACTORS_ENABLED": "true",
            "ACTORS_SERVICE_NAME": "placement",
            "ACTORS_SERVICE_ADDRESS": "dapr-placement-server:50005",
            "DAPR_COMPONENT_SOCKETS_FOLDER": "/tmp/dapr-components-sockets",
            "COMPONENT_WAIT_IMAGE": "component-injector:0.1.0",
            "COMPONENT_WAIT_IMAGE_PULL_POLICY": "IfNotPresent",
        })

    def test_pod_fits_the_restricted_security_level(self):
        spec, container = self.pod_spec(), self.container()
        self.assertEqual(spec["securityContext"], {
            "runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"}})
        self.assertEqual(container["securityContext"], {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]}})
        self.assertNotIn("hostNetwork", spec)

    def test_replica_goes_only_when_another_is_ready(self):
        deployment = self.one("Deployment")["spec"]
        self.assertEqual(deployment["replicas"], 2)
        self.assertEqual(deployment["strategy"], {
            "type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}})
        self.assertEqual(self.pod_spec()["terminationGracePeriodSeconds"], 35)
        budget = self.one("PodDisruptionBudget")["spec"]
        self.assertEqual(budget["maxUnavailable"], 1)
        self.assertIs(self.one("Service")["spec"]["publishNotReadyAddresses"], False)

    def test_probes(self):
        container = self.container()
        self.assertEqual(container["readinessProbe"], {
            "httpGet": {"path": "/readyz", "port": "health"}, "periodSeconds": 2,
            "timeoutSeconds": 2, "failureThreshold": 2})
        self.assertEqual(container["livenessProbe"], {
            "httpGet": {"path": "/livez", "port": "health"}, "periodSeconds": 10,
            "timeoutSeconds": 5, "failureThreshold": 3})

    def test_replicas_are_spread_over_nodes_and_zones(self):
        labels = {"app.kubernetes.io/name": "component-injector",
                  "app.kubernetes.io/instance": "component-injector"}
        self.assertEqual(self.pod_spec()["topologySpreadConstraints"], [
            {"topologyKey": key, "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway",
             "labelSelector": {"matchLabels": labels}, "matchLabelKeys": ["pod-template-hash"]}
            for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")])

    def test_trust_anchors_come_from_the_control_plane(self):
        self.assertEqual(self.pod_spec()["volumes"], [
            {"name": "trust-anchors",
             "configMap": {"name": "dapr-trust-bundle", "optional": True}}])

    def test_helm_test_sends_reviews(self):
        pod = self.one("Pod", name="component-injector-test")
        self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
        [container] = pod["spec"]["containers"]
        self.assertEqual(container["command"], ["/component-injector", "check"])
        self.assertEqual(container["args"], [
            "--webhook=component-injector", "--namespace=default", "--times=6", "--timeout=10s"])
        self.assertEqual(self.one("ClusterRole", name="component-injector-test")["rules"], [
            {"apiGroups": ["admissionregistration.k8s.io"],
             "resources": ["mutatingwebhookconfigurations"],
             "resourceNames": ["component-injector"], "verbs": ["get"]}])


if __name__ == "__main__":
    unittest.main()
