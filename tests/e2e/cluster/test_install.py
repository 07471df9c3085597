"""Our chart on a real API server: install, pods as the golden cases say, upgrade, uninstall."""

import json
import unittest

from harness import cluster, comparison, objects
from harness.api import ApiError
from harness.audit import AuditLog
from harness.figures import record
from harness.installation import TRUST_ANCHORS, WEBHOOKS, Installation, make_control_plane

FIXTURES = cluster.ROOT / "tests/fixtures"

# As the golden cases have it. `strict`, since each case brings its Components the moment before.
GOLDEN_VALUES = {
    "components": {
        "freshness": "strict",
        "wait": {"image": "ghcr.io/example/component-injector:test"},
    },
    "sidecar": {"image": "ghcr.io/dapr/daprd:1.18.3", "ignoreEntrypointTolerations": []},
}


# Reviews that this API server would never send: it refuses such pods itself, or its reviews always
# have what these lack.
NEVER_SENT = {
    "daprd_namespace_of_request",
    "gate_daprd_ephemeral",
    "order_no_containers",
    "verdict_caller_missing",
    "verdict_malformed_pod",
    "verdict_malformed_pod_of_a_stranger",
    "verdict_no_object",
    "verdict_null_object",
}


def golden_cases():
    """Those that need no other settings than all the rest."""
    for path in sorted(FIXTURES.glob("*/review.json")):
        name = path.parent.name
        if not (path.parent / "settings.yaml").exists() and name not in NEVER_SENT:
            yield path.parent


class GoldenCase:
    """One case of tests/fixtures, in the cluster: its Components, its caller, its pod."""

    def __init__(self, folder, admin):
        self.folder, self.admin = folder, admin
        self.request = json.loads((folder / "review.json").read_text())["request"]
        self.namespace = self.request.get("namespace") or "shop"
        user = self.request.get("userInfo", {})
        self.caller = admin.impersonate(user.get("username", "nobody"), user.get("groups", []))

    def replace_components(self):
        """Returns why the API server refuses one of them, or None."""
        self.admin.delete(objects.components(self.namespace))
        for path in sorted(self.folder.glob("components/*.yaml")):
            try:
                self.admin.call(
                    "POST", objects.components(self.namespace), path.read_bytes(),
                    "application/yaml",
                )  # fmt: skip
            except ApiError as error:
                return error.message
        return None

    def create(self, api, pod):
        """Returns (stored pod, None) of a dry run, or (None, why it was refused)."""
        pod = {"apiVersion": "v1", **pod}
        try:
            return api.create(objects.pods(self.namespace), pod, dryRun="All"), None
        except ApiError as error:
            return None, error.message

    def golden_pod(self):
        """The pod of the case with this cluster's certificates; None when nothing is injected."""
        path = self.folder / "pod.json"
        if not path.exists():
            return None
        return _replaced(json.loads(path.read_text()), "<PEM>", TRUST_ANCHORS)


def _replaced(value, old, new):
    if isinstance(value, dict):
        return {key: _replaced(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, old, new) for item in value]
    return value.replace(old, new) if isinstance(value, str) else value


def _settled(pod):
    """Without what one creation has and another has not, such as versions in the status."""
    pod = comparison.settled(pod)
    key = "component-injector.dapr.io/status"
    annotations = pod["metadata"].get("annotations", {})
    if annotations.get(key, "").startswith("{"):
        status = json.loads(annotations[key])
        for injected in status.get("injected", []):
            injected.pop("resourceVersion", None)
        annotations[key] = status
    return pod


class GoldenInstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        cls.installation = Installation(cls.cluster, GOLDEN_VALUES)
        cls.addClassCleanup(cls.installation.close)

    def compare(self, case, through_webhook, refused):
        golden = case.golden_pod()
        if golden is None:
            response = json.loads((case.folder / "response.json").read_text())
            self.assertEqual(refused is None, response["allowed"], refused)
            if refused is None:
                names = [c["name"] for c in through_webhook["spec"]["containers"]]
                had = [c["name"] for c in case.request["object"]["spec"]["containers"]]
                self.assertEqual(names, had, "nothing is injected")
            else:
                self.assertIn(response["status"]["message"], refused)
            return
        self.assertIsNone(refused)
        # The injector sees daprd in it and has nothing to add.
        directly, refused = case.create(case.caller, golden)
        self.assertIsNone(refused)
        self.assertEqual(_settled(through_webhook), _settled(directly))

    def test_pods_come_out_as_the_golden_cases_say(self):
        compared, left_out = 0, []
        for folder in golden_cases():
            case = GoldenCase(folder, self.cluster.admin)
            with self.subTest(folder.name):
                objects.make_namespace(self.cluster.admin, case.namespace)
                refused = case.replace_components()
                if refused:
                    left_out.append(folder.name)
                    continue
                stored, refused = case.create(case.caller, case.request["object"])
                self.compare(case, stored, refused)
                compared += 1
        record("golden cases through the webhook", {"compared": compared, "left out": left_out})
        self.assertGreater(compared, 200)


GROUPS = (
    "admissionregistration.k8s.io/v1", "apps/v1", "autoscaling/v2", "batch/v1",
    "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1",
)  # fmt: skip
# With `pods` and `secrets` (Helm's record of the release), all kinds that the chart makes here.
MADE = {
    "clusterrolebindings", "clusterroles", "configmaps", "deployments",
    "mutatingwebhookconfigurations", "poddisruptionbudgets", "pods", "rolebindings", "roles",
    "secrets", "serviceaccounts", "services", "validatingwebhookconfigurations",
}  # fmt: skip


class LifeOfAReleaseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        objects.make_namespace(cls.cluster.admin, "life")

    def create(self, name, inject=True):
        pod = objects.pod(name, inject=inject)
        return self.cluster.controller.create(objects.pods("life"), pod)

    def containers(self, pod):
        spec = pod["spec"]
        return {c["name"] for c in spec.get("initContainers", []) + spec["containers"]}

    def test_upgrade_keeps_the_certificates_and_uninstall_blocks_no_pod(self):
        self.cluster.admin.create(
            objects.components("life"), objects.component("store", objects.image_of("store"))
        )
        audit = AuditLog(self.cluster.plane.audit_log)
        installation = Installation(self.cluster)
        try:
            self.assertLessEqual({"daprd", "store"}, self.containers(self.create("installed")))
            bundle = installation.ca_bundle()
            self.assertTrue(bundle, "the replicas have published their certificates")
            installation.release.upgrade({"log": {"level": "debug"}})
            self.assertEqual(installation.ca_bundle(), bundle, "an upgrade leaves them alone")
            self.assertIn("daprd", self.containers(self.create("upgraded")))
            codes = installation.deployment.roll()
            self.assertEqual(codes, [0, 0], "pods end by themselves when they are replaced")
            self.assertIn("daprd", self.containers(self.create("rolled")))
            refused = [
                f"{event['verb']} {event['requestURI']}"
                for event in audit.events(installation.user)
                if event["responseStatus"].get("code") == 403
            ]
            # Asked for at start, and gladly done without: accounts' uids, beside their names.
            needed = [call for call in refused if "/serviceaccounts/" not in call]
            self.assertEqual(needed, [], "the chart's RBAC grants all that the program needs")
        finally:
            installation.close()
        names = [item["metadata"]["name"] for item in self.cluster.admin.get(WEBHOOKS)["items"]]
        self.assertEqual(names, [], "no webhook configuration is left")
        self.assertEqual(self.containers(self.create("uninstalled")), {"app"})

    def everything(self):
        """Kind, namespace and name of each object of the kinds that a chart can have."""
        admin, found = self.cluster.admin, set()
        for group in ("/api/v1", *(f"/apis/{name}" for name in GROUPS)):
            for kind in admin.get(group)["resources"]:
                if {"list", "create"} <= set(kind["verbs"]) and kind["name"] != "events":
                    for item in admin.get(f"{group}/{kind['name']}")["items"]:
                        metadata = item["metadata"]
                        found.add((kind["name"], metadata.get("namespace"), metadata["name"]))
        return found

    def test_nothing_of_the_release_is_left_behind(self):
        make_control_plane(self.cluster)
        before = self.everything()
        values = {"controlPlane": {"trustAnchors": TRUST_ANCHORS}}
        installation = Installation(self.cluster, values, replicas=1)
        made = {kind for kind, _, _ in self.everything() - before}
        installation.close()
        self.assertLessEqual(MADE, made, "what is looked for below was there")
        self.assertEqual(self.everything() - before, set())


if __name__ == "__main__":
    unittest.main()
