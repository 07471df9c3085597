"""The chart, the program and what is made of the chart agree."""

import json
import os
import re
import subprocess
import unittest

import yaml
from rendering import CHART, HELM, PEM, ROOT, ChartTest, helm, read
from modes_test import MONITORING

# Together they render every template and take every branch that changes an object's shape.
VALUE_SETS = {
    "defaults": {},
    "everything": {
        **MONITORING, "certificate": {"source": "cert-manager"},
        "autoscaling": {"enabled": True, "behavior": {"scaleDown": {"policies": []}}},
        "networkPolicy": {"enabled": True}, "hostNetwork": True, "log": {"json": True},
        "priorityClassName": "system-cluster-critical", "runtimeClassName": "gvisor",
        "imagePullSecrets": [{"name": "registry"}], "affinity": {"nodeAffinity": {}},
        "tolerations": [{"operator": "Exists"}], "commonLabels": {"team": "a"},
        "podLabels": {"a": "b"}, "podAnnotations": {"c": "d"},
        "service": {"annotations": {"e": "f"}}, "serviceAccount": {"annotations": {"g": "h"}},
        "webhook": {"annotations": {"i": "j"}, "objectSelector": {"matchLabels": {"k": "l"}}},
        "extraArgs": ["--log-level=debug"], "extraEnv": [{"name": "M", "value": "n"}],
        "extraVolumes": [{"name": "o", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "o", "mountPath": "/o"}], "kubernetesVersion": "1.31",
        "components": {"meshInitContainers": ["istio-init"]}, "namespaces": ["shop", "bank"],
        "allowedServiceAccounts": ["a:b"]},
    "elsewhere": {"controlPlane": {"namespace": "dapr", "trustAnchors": PEM},
                  "certificate": {"source": "files", "secretName": "s", "caBundle": PEM},
                  "metrics": {"podMonitor": {"enabled": True}}},
    "least": {"replicas": 1, "componentValidation": "off", "metrics": {"enabled": False},
              "topologySpread": {"enabled": False}, "test": {"enabled": False},
              "serviceAccount": {"create": False}, "rbac": {"create": False}},
}
CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "MutatingWebhookConfiguration",
                "ValidatingWebhookConfiguration"}
NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


class ShapeTest(ChartTest):
    """Rules that hold for each object, whatever the values."""

    def each(self):
        for name, values in VALUE_SETS.items():
            for kubernetes in ("1.25.0", "1.36.0"):
                # The longest release name that Helm takes.
                yield self.render(values, kubernetes=kubernetes, release="r" * 53)

    def test_names_namespaces_and_labels(self):
        for objects in self.each():
            for item in objects.values():
                metadata = item["metadata"]
                self.assertTrue(item["apiVersion"])
                self.assertTrue(NAME.fullmatch(metadata["name"]), metadata["name"])
                # A Service's name is a DNS label; so is a container's, and a label's value.
                longest = 63 if item["kind"] in ("Service", "Deployment", "Pod") else 253
                self.assertLessEqual(len(metadata["name"]), longest)
                self.assertEqual("namespace" in metadata, item["kind"] not in CLUSTER_WIDE, item)
                for text in metadata.get("labels", {}).values():
                    self.assertTrue(isinstance(text, str) and LABEL.fullmatch(text), text)
                for text in metadata.get("annotations", {}).values():
                    self.assertIsInstance(text, str)

    def test_selectors_find_the_replicas_and_not_the_test(self):
        for objects in self.each():
            [deployment] = [o for o in objects.values() if o["kind"] == "Deployment"]
            labels = deployment["spec"]["template"]["metadata"]["labels"].items()
            selectors = [deployment["spec"]["selector"]["matchLabels"]]
            for item in objects.values():
                if item["kind"] == "Service":
                    selectors.append(item["spec"]["selector"])
                if item["kind"] == "PodDisruptionBudget":
                    selectors.append(item["spec"]["selector"]["matchLabels"])
                if item["kind"] == "NetworkPolicy":
                    selectors.append(item["spec"]["podSelector"]["matchLabels"])
            tests = [o["metadata"]["labels"].items() for o in objects.values()
                     if o["kind"] == "Pod"]
            for selector in selectors:
                self.assertLessEqual(selector.items(), labels)
                for test in tests:
                    self.assertFalse(selector.items() <= test)

    def test_mounts_ports_and_service_meet(self):
        for objects in self.each():
            [deployment] = [o for o in objects.values() if o["kind"] == "Deployment"]
            spec = deployment["spec"]["template"]["spec"]
            [container] = spec["containers"]
            self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]},
                                 {volume["name"] for volume in spec["volumes"]})
            ports = {port["name"] for port in container["ports"]}
            for probe in ("readinessProbe", "livenessProbe"):
                self.assertIn(container[probe]["httpGet"]["port"], ports)
            [service] = [o for o in objects.values() if o["kind"] == "Service"]
            for port in service["spec"]["ports"]:
                self.assertIn(port["targetPort"], ports)
            names = [item["name"] for item in container["env"]]
            self.assertEqual(len(names), len(set(names)))
            for kind in ("Mutating", "Validating"):
                for item in objects.values():
                    if item["kind"] == f"{kind}WebhookConfiguration":
                        target = item["webhooks"][0]["clientConfig"]["service"]
                        self.assertEqual(target["name"], service["metadata"]["name"])
                        self.assertEqual(target["namespace"], service["metadata"]["namespace"])

    def test_no_permission_on_secrets_service_accounts_or_everything(self):
        for objects in self.each():
            for item in objects.values():
                for rule in item.get("rules", []) if "Role" in item["kind"] else []:
                    self.assertEqual(set(rule["resources"]) & {
                        "secrets", "serviceaccounts", "pods", "*"}, set())
                    self.assertEqual(set(rule["verbs"]) - {"get", "list", "watch", "patch"}, set())
                    if rule["apiGroups"] == ["admissionregistration.k8s.io"]:
                        self.assertEqual(len(rule["resourceNames"]), 1)

    def test_lint(self):
        for name, values in VALUE_SETS.items():
            with self.subTest(name):
                done = helm("lint", "--strict", CHART, values=values)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class ProgramTest(ChartTest):
    def test_flags_are_those_of_serve(self):
        known = set(re.findall(r"^\| `(--[a-z0-9-]+)", read("docs", "configuration.md"), re.M))
        for values in VALUE_SETS.values():
            [deployment] = [o for o in self.render(values).values() if o["kind"] == "Deployment"]
            [container] = deployment["spec"]["template"]["spec"]["containers"]
            used = {argument.split("=")[0] for argument in container["args"]}
            self.assertEqual(used - known, set())

    def test_metrics_of_alerts_and_dashboard_are_documented(self):
        known = set(re.findall(r"^\| `([a-z_]+)` \|", read("docs", "configuration.md"), re.M))
        histogram = "component_injector_admission_duration_seconds"
        known |= {histogram + "_bucket", "process_start_time_seconds",
                  "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
        for name in ("alerts.yaml", "dashboard.json"):
            used = set(re.findall(r"\b(?:(?:component|dapr)_injector|process)_[a-z_]+\b",
                                  read("charts", "component-injector", "files", name)))
            self.assertGreater(len(used), 3)
            self.assertEqual(used - known, set(), name)

    def test_sidecar_image_is_that_of_the_offline_commands(self):
        image = yaml.safe_load(read("charts", "component-injector", "values.yaml"))["sidecar"][
            "image"]
        self.assertIn(f'kOfflineSidecarImage = "{image}"',
                      read("webhook", "cli", "environment.h"))


class ManifestsTest(unittest.TestCase):
    def test_plain_manifests_are_rendered_from_the_chart(self):
        done = subprocess.run(["scripts/render-manifests.sh", "--check"], cwd=ROOT, check=False,
                              env={**os.environ, "HELM": HELM}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_kustomization_names_what_is_there(self):
        kustomization = yaml.safe_load(read("deploy", "manifests", "kustomization.yaml"))
        [resource] = kustomization["resources"]
        text = read("deploy", "manifests", resource)
        [image] = kustomization["images"]
        self.assertIn(f"image: {image['name']}:{image['newTag']}\n", text)
        self.assertNotIn("caBundle:", text)
        self.assertNotIn("helm.sh/", text)

    def test_examples_parse(self):
        folder = os.path.join(ROOT, "deploy", "examples")
        for name in os.listdir(folder):
            text = read("deploy", "examples", name)
            documents = ([json.loads(text)] if name.endswith(".json")
                         else list(yaml.safe_load_all(text)))
            for document in documents:
                self.assertTrue(document["kind"], name)


if __name__ == "__main__":
    unittest.main()
