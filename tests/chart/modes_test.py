"""What the values change: where it runs, whom it serves, where its certificate comes from."""

import base64
import json
import unittest

import yaml
from rendering import PEM, ChartTest

MONITORING = {"metrics": {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True},
                          "dashboard": {"enabled": True}}}
SEES_DAPR_INJECTOR = {"apiGroups": ["admissionregistration.k8s.io"],
                      "resources": ["mutatingwebhookconfigurations"],
                      "resourceNames": ["dapr-sidecar-injector"], "verbs": ["get"]}
METADATA_NAME = "kubernetes.io/metadata.name"


class ServerVersionTest(ChartTest):
    def test_without_match_conditions_failures_are_ignored(self):
        webhook = self.webhook(kubernetes="1.27.16")
        self.assertNotIn("matchConditions", webhook)
        self.assertEqual(webhook["failurePolicy"], "Ignore")

    def test_vendors_suffix_of_the_version_is_no_older_version(self):
        webhook = self.webhook(kubernetes="1.28.0-gke.100")
        self.assertEqual((webhook["failurePolicy"], len(webhook["matchConditions"])), ("Fail", 2))

    def test_never_leaves_match_conditions_out(self):
        webhook = self.webhook({"webhook": {"matchConditions": "never"}})
        self.assertNotIn("matchConditions", webhook)
        self.assertEqual(webhook["failurePolicy"], "Ignore")

    def test_ignore_is_possible_with_match_conditions(self):
        webhook = self.webhook({"webhook": {"failurePolicy": "Ignore"}})
        self.assertEqual((webhook["failurePolicy"], len(webhook["matchConditions"])),
                         ("Ignore", 2))

    def test_fields_that_an_old_server_does_not_know_are_left_out(self):
        spread = self.pod_spec(kubernetes="1.25.0")["topologySpreadConstraints"]
        self.assertNotIn("matchLabelKeys", spread[0])
        self.assertNotIn("unhealthyPodEvictionPolicy",
                         self.one("PodDisruptionBudget", kubernetes="1.25.0")["spec"])


class NamespacesTest(ChartTest):
    values = {"namespaces": ["shop", "bank"]}
    components = {"apiGroups": ["dapr.io"], "resources": ["components"],
                  "verbs": ["get", "list", "watch"]}

    def test_roles_in_each_in_place_of_the_cluster_role(self):
        objects = self.render(self.values)
        resources = [rule["resources"] for rule in objects["ClusterRole", "component-injector"]
                     ["rules"]]
        self.assertEqual(resources, [["mutatingwebhookconfigurations"],
                                     ["validatingwebhookconfigurations"],
                                     ["mutatingwebhookconfigurations"]])
        for kind in ("Role", "RoleBinding"):
            found = [item for key, item in objects.items()
                     if key[:2] == (kind, "component-injector-components")]
            self.assertEqual([item["metadata"]["namespace"] for item in found], ["shop", "bank"])
            if kind == "Role":
                self.assertEqual([item["rules"] for item in found], [[self.components]] * 2)

    def test_webhooks_select_them(self):
        selector = {"key": METADATA_NAME, "operator": "In", "values": ["shop", "bank"]}
        pods = self.webhook(self.values)["namespaceSelector"]["matchExpressions"]
        self.assertEqual(pods, [
            {"key": METADATA_NAME, "operator": "NotIn", "values": ["kube-system", "dapr-system"]},
            selector])
        components = self.webhook(self.values, kind="Validating")["namespaceSelector"]
        self.assertEqual(components, {"matchExpressions": [selector]})

    def test_program_and_test_are_told(self):
        self.assertIn("--namespaces=shop,bank", self.container(self.values)["args"])
        pod = self.one("Pod", self.values, name="component-injector-test")
        self.assertIn("--namespace=shop", pod["spec"]["containers"][0]["args"])

    def test_with_certificate_files_and_without_checks_no_cluster_role_is_left(self):
        values = {**self.values, "certificate": {"source": "files", "secretName": "serving"}}
        self.assertEqual(self.one("ClusterRole", values)["rules"], [SEES_DAPR_INJECTOR])
        values["controlPlane"] = {"checks": False}
        self.assertNotIn(("ClusterRole", "component-injector"), self.render(values))

    def test_selector_of_ones_own_is_added(self):
        values = {"webhook": {"namespaceSelector": {
            "matchLabels": {"team": "a"},
            "matchExpressions": [{"key": "dapr", "operator": "Exists"}]}}}
        self.assertEqual(self.webhook(values)["namespaceSelector"], {
            "matchLabels": {"team": "a"},
            "matchExpressions": [
                {"key": METADATA_NAME, "operator": "NotIn",
                 "values": ["kube-system", "dapr-system"]},
                {"key": "dapr", "operator": "Exists"}]})

    def test_namespace_of_the_release_is_excluded_once(self):
        values = {"webhook": {"excludedNamespaces": ["kube-system", "dapr-system"]}}
        [expression] = self.webhook(values)["namespaceSelector"]["matchExpressions"]
        self.assertEqual(expression["values"], ["kube-system", "dapr-system"])


class ControlPlaneTest(ChartTest):
    elsewhere = {"controlPlane": {"namespace": "dapr-system", "trustAnchors": PEM}}

    def test_control_plane_in_another_namespace(self):
        options = {"namespace": "injector"}
        role = self.one("Role", self.elsewhere, name="component-injector-control-plane", **options)
        self.assertEqual(role["metadata"]["namespace"], "dapr-system")
        binding = self.one("RoleBinding", self.elsewhere, name="component-injector-control-plane",
                           **options)
        self.assertEqual(binding["metadata"]["namespace"], "dapr-system")
        self.assertEqual(binding["subjects"][0]["namespace"], "injector")
        self.assertEqual(self.environment(self.elsewhere, **options)["NAMESPACE"], "dapr-system")

    def test_trust_anchors_as_a_value(self):
        options = {"namespace": "injector"}
        config = self.one("ConfigMap", self.elsewhere, name="component-injector-trust-anchors",
                          **options)
        self.assertEqual((config["data"], config["metadata"]["namespace"]),
                         ({"ca.crt": PEM}, "injector"))
        [volume] = self.pod_spec(self.elsewhere, **options)["volumes"]
        self.assertEqual(volume["configMap"]["name"], "component-injector-trust-anchors")

    def test_trust_anchors_in_a_config_map_of_ones_own(self):
        values = {"controlPlane": {"namespace": "dapr-system", "trustBundleConfigMap": "anchors"}}
        [volume] = self.pod_spec(values, namespace="injector")["volumes"]
        self.assertEqual(volume["configMap"]["name"], "anchors")

    def test_daprs_own_injector_is_looked_for_unless_it_is_meant_to_be_there(self):
        self.assertIn(SEES_DAPR_INJECTOR, self.one("ClusterRole")["rules"])
        for values in ({"controlPlane": {"checks": False}},
                       {"controlPlane": {"besideDaprInjector": True}}):
            self.assertNotIn(SEES_DAPR_INJECTOR, self.one("ClusterRole", values)["rules"])
        values = {"fullnameOverride": "dapr-sidecar-injector"}
        self.assertNotIn(SEES_DAPR_INJECTOR,
                         self.one("ClusterRole", values, name="dapr-sidecar-injector")["rules"])

    def test_ids_of_the_sidecar(self):
        values = {"sidecar": {"runAsUser": 0, "runAsGroup": 1000660000}}
        environment = self.environment(values)
        self.assertEqual((environment["SIDECAR_RUN_AS_USER"], environment["SIDECAR_RUN_AS_GROUP"]),
                         ("0", "1000660000"))
        self.assertNotIn("SIDECAR_RUN_AS_USER", self.environment())

    def test_service_accounts_and_reminders(self):
        values = {"allowedServiceAccounts": ["ci:*", "tools:runner"],
                  "sidecar": {"reminders": {"serviceName": "x", "serviceAddress": "x:1"}}}
        environment = self.environment(values)
        self.assertEqual(environment["ALLOWED_SERVICE_ACCOUNTS"], "ci:*,tools:runner")
        self.assertEqual((environment["REMINDERS_SERVICE_NAME"],
                          environment["REMINDERS_SERVICE_ADDRESS"]), ("x", "x:1"))


class CertificateTest(ChartTest):
    files = {"certificate": {"source": "files", "secretName": "serving", "caBundle": PEM}}
    manager = {"certificate": {"source": "cert-manager"}}

    def test_files(self):
        bundle = base64.b64encode(PEM.encode()).decode()
        for kind in ("Mutating", "Validating"):
            self.assertEqual(self.webhook(self.files, kind=kind)["clientConfig"]["caBundle"],
                             bundle)
        self.assertEqual([a for a in self.container(self.files)["args"]
                          if "serving" in a or "tls" in a], [
            "--serving-certificate=files",
            "--tls-cert-file=/var/run/secrets/component-injector/tls/tls.crt",
            "--tls-private-key-file=/var/run/secrets/component-injector/tls/tls.key"])
        self.assertIn({"name": "serving-certificate",
                       "secret": {"secretName": "serving", "defaultMode": 0o444}},
                      self.pod_spec(self.files)["volumes"])

    def test_with_files_the_webhook_configurations_are_not_touched(self):
        for values in (self.files, self.manager):
            self.assertEqual(self.one("ClusterRole", values)["rules"], [
                SEES_DAPR_INJECTOR,
                {"apiGroups": ["dapr.io"], "resources": ["components"],
                 "verbs": ["get", "list", "watch"]}])

    def test_cert_manager(self):
        certificate = self.one("Certificate", self.manager, name="component-injector-serving")
        self.assertEqual(certificate["spec"], {
            "secretName": "component-injector-serving",
            "dnsNames": ["component-injector.dapr-system.svc",
                         "component-injector.dapr-system.svc.cluster.local"],
            "duration": "2160h", "renewBefore": "720h",
            "usages": ["digital signature", "key encipherment", "server auth"],
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            "issuerRef": {"kind": "Issuer", "name": "component-injector-serving"}})
        self.assertEqual(self.one("Issuer", self.manager, name="component-injector-serving")
                         ["spec"], {"selfSigned": {}})
        for kind in ("Mutating", "Validating"):
            configuration = self.one(f"{kind}WebhookConfiguration", self.manager)
            self.assertEqual(configuration["metadata"]["annotations"], {
                "cert-manager.io/inject-ca-from": "dapr-system/component-injector-serving"})
            self.assertNotIn("caBundle", configuration["webhooks"][0]["clientConfig"])

    def test_issuer_of_ones_own(self):
        values = {"certificate": {"source": "cert-manager", "key": "rsa", "certManager": {
            "issuerRef": {"kind": "ClusterIssuer", "name": "internal"}}}}
        objects = self.render(values)
        self.assertNotIn("Issuer", {kind for kind, *_ in objects})
        spec = objects["Certificate", "component-injector-serving"]["spec"]
        self.assertEqual((spec["issuerRef"], spec["privateKey"]["algorithm"]),
                         ({"kind": "ClusterIssuer", "name": "internal"}, "RSA"))


class OptionsTest(ChartTest):
    def test_off_as_yaml_reads_it(self):
        objects = self.render("componentValidation: off\ncomponents: {statusAnnotation: off}\n")
        self.assertNotIn("ValidatingWebhookConfiguration", {kind for kind, *_ in objects})
        [container] = objects["Deployment", "component-injector"]["spec"]["template"]["spec"][
            "containers"]
        self.assertIn("--component-validation=off", container["args"])
        self.assertIn("--status-annotation=off", container["args"])
        self.assertNotIn("VALIDATING_WEBHOOK_CONFIGURATION_NAME",
                         {item["name"] for item in container["env"]})
        self.assertNotIn("validatingwebhookconfigurations", json.dumps(
            objects["ClusterRole", "component-injector"]))

    def test_one_replica_has_no_budget(self):
        for values in ({"replicas": 1}, {"autoscaling": {"enabled": True, "minReplicas": 1}}):
            self.assertNotIn(("PodDisruptionBudget", "component-injector"), self.render(values))

    def test_autoscaling(self):
        values = {"autoscaling": {"enabled": True, "targetMemoryUtilizationPercentage": 80}}
        self.assertNotIn("replicas", self.one("Deployment", values)["spec"])
        spec = self.one("HorizontalPodAutoscaler", values)["spec"]
        self.assertEqual((spec["minReplicas"], spec["maxReplicas"]), (2, 6))
        self.assertEqual([(m["resource"]["name"], m["resource"]["target"]["averageUtilization"])
                          for m in spec["metrics"]], [("cpu", 70), ("memory", 80)])
        self.assertEqual(spec["scaleTargetRef"], {
            "apiVersion": "apps/v1", "kind": "Deployment", "name": "component-injector"})

    def test_network_policy(self):
        values = {"networkPolicy": {"enabled": True, "apiServerCIDRs": ["10.0.0.1/32"],
                                    "metricsFrom": [{"namespaceSelector": {}}]}}
        spec = self.one("NetworkPolicy", values)["spec"]
        block = {"ipBlock": {"cidr": "10.0.0.1/32"}}
        tester = {"podSelector": {"matchLabels": {
            "app.kubernetes.io/name": "component-injector-test",
            "app.kubernetes.io/instance": "component-injector"}}}
        self.assertEqual(spec["ingress"], [
            {"ports": [{"port": "https"}], "from": [block, tester]},
            {"ports": [{"port": "health"}]},
            {"ports": [{"port": "metrics"}], "from": [{"namespaceSelector": {}}]}])
        self.assertEqual(spec["egress"], [
            {"ports": [{"port": 443, "protocol": "TCP"}, {"port": 6443, "protocol": "TCP"}],
             "to": [block]}])
        labels = self.one("Pod", values, name="component-injector-test")["metadata"]["labels"]
        self.assertEqual(labels, tester["podSelector"]["matchLabels"])

    def test_metrics_can_be_off(self):
        values = {"metrics": {"enabled": False, "serviceMonitor": {"enabled": True}}}
        container = self.container(values)
        self.assertIn("--enable-metrics=false", container["args"])
        self.assertEqual([port["name"] for port in container["ports"]], ["https", "health"])
        objects = self.render(values)
        self.assertEqual([port["name"] for port in
                          objects["Service", "component-injector"]["spec"]["ports"]], ["https"])
        self.assertNotIn("ServiceMonitor", {kind for kind, *_ in objects})

    def test_scrape_annotations_are_for_those_without_monitors(self):
        def annotations(values):
            return self.one("Deployment", values)["spec"]["template"]["metadata"]["annotations"]
        self.assertEqual(annotations({})["prometheus.io/port"], "9090")
        self.assertNotIn("prometheus.io/scrape",
                         annotations({"metrics": {"podMonitor": {"enabled": True}}}))

    def test_monitors_read_the_metrics_port(self):
        for kind, key, endpoints in (("ServiceMonitor", "serviceMonitor", "endpoints"),
                                     ("PodMonitor", "podMonitor", "podMetricsEndpoints")):
            values = {"metrics": {key: {"enabled": True}}}
            [endpoint] = self.one(kind, values)["spec"][endpoints]
            self.assertEqual(endpoint, {"port": "metrics", "path": "/", "interval": "30s",
                                        "scrapeTimeout": "10s"})

    def test_alerts_are_of_this_release(self):
        [group] = self.one("PrometheusRule", MONITORING)["spec"]["groups"]
        self.assertGreater(len(group["rules"]), 5)
        for rule in group["rules"]:
            self.assertIn('{namespace="dapr-system",pod=~"component-injector-.*"', rule["expr"])
            self.assertEqual(sorted(rule["annotations"]), ["description", "summary"])

    def test_dashboard_is_json_that_grafana_finds(self):
        config = self.one("ConfigMap", MONITORING, name="component-injector-dashboard")
        self.assertEqual(config["metadata"]["labels"]["grafana_dashboard"], "1")
        self.assertEqual(json.loads(config["data"]["component-injector.json"])["title"],
                         "component-injector")

    def test_host_network(self):
        spec = self.pod_spec({"hostNetwork": True, "ports": {"webhook": 14000}})
        self.assertEqual((spec["hostNetwork"], spec["dnsPolicy"]),
                         (True, "ClusterFirstWithHostNet"))
        self.assertIn("--port=14000", spec["containers"][0]["args"])

    def test_image_by_digest(self):
        digest = "sha256:" + "0" * 64
        values = {"image": {"repository": "r/i", "tag": "2", "digest": digest}}
        self.assertEqual(self.container(values)["image"], f"r/i:2@{digest}")
        self.assertEqual(self.environment(values)["COMPONENT_WAIT_IMAGE"], f"r/i:2@{digest}")

    def test_grace_period_holds_drain_requests_withdrawal_and_room(self):
        spec = self.pod_spec({"drainSeconds": 60})
        self.assertEqual(spec["terminationGracePeriodSeconds"], 60 + 5 + 2 * 5 + 5)
        self.assertIn("--drain-time=60s", spec["containers"][0]["args"])

    def test_extra_objects_are_templates(self):
        extra = {"apiVersion": "v1", "kind": "ConfigMap",
                 "metadata": {"name": "{{ .Release.Name }}-a"}}
        names = {name for kind, name, *_ in self.render(
            {"extraObjects": [extra, yaml.safe_dump({**extra, "metadata": {"name": "b"}})]})
            if kind == "ConfigMap"}
        self.assertEqual(names, {"component-injector-a", "b"})

    def test_names_follow_the_release(self):
        self.one("Deployment", release="eu", name="eu-component-injector")
        self.one("Deployment", {"fullnameOverride": "sidecars"}, name="sidecars")
        self.assertEqual(self.environment(
            {"fullnameOverride": "sidecars"}, name="sidecars")["WEBHOOK_SERVICE_NAME"], "sidecars")

    def test_service_account_and_roles_of_ones_own(self):
        objects = self.render({"serviceAccount": {"create": False, "name": "mine"},
                               "rbac": {"create": False}, "test": {"enabled": False}})
        self.assertEqual({kind for kind, *_ in objects} & {
            "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Pod"},
            set())
        spec = objects["Deployment", "component-injector"]["spec"]["template"]["spec"]
        self.assertEqual(spec["serviceAccountName"], "mine")


if __name__ == "__main__":
    unittest.main()
