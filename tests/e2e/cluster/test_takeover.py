"""The orders of steps of docs/install.md: beside Dapr's injector, in its place, and back; and the
image switched in Dapr's own chart."""

import base64
import unittest

from harness import cluster, objects
from harness.api import JSON_PATCH
from harness.figures import record
from harness.helm_test import HelmTest
from harness.installation import NAME, WEBHOOKS, Installation, StockInstallation
from harness.metrics import Metrics
from harness.steady import SteadyCreation

PODS = 1000 if cluster.FULL else 300
SUCCEEDED = "dapr_injector_sidecar_injection_succeeded_total"
BESIDE = {
    "controlPlane": {"besideDaprInjector": True}, "webhook": {"failurePolicy": "Ignore"},
    "drainSeconds": 5,
}  # fmt: skip
ALONE = {
    "controlPlane": {"besideDaprInjector": False}, "webhook": {"failurePolicy": "auto"},
    "drainSeconds": 5,
}  # fmt: skip


class StepsTest(unittest.TestCase):
    """Dapr's chart is the real one. In the pods of its injector runs this program, since the real
    one needs the rest of the control plane; what counts is who is asked, and when."""

    namespace = None

    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        objects.make_namespace(cls.cluster.admin, cls.namespace)
        cls.cluster.admin.create(
            objects.components(cls.namespace),
            objects.component("store", objects.image_of("store")),
        )
        cls.creation = SteadyCreation(cls.cluster, cls.namespace, ["daprd", "store"])
        cls.dapr = StockInstallation(cls.cluster)
        cls.addClassCleanup(cls.dapr.close)

    def create_while(self, what, steps):
        load = self.creation.run_while(steps, PODS)
        bare = self.creation.bare_pods()
        record(what, {"pods": load.outcomes[201], "without what they asked for": len(bare),
                      "refused": len(load.failures)})  # fmt: skip
        self.assertEqual(bare, [])
        self.assertEqual(load.failures, [])

    @staticmethod
    def succeeded(installation):
        return sum(Metrics(pod.metrics()).sum(SUCCEEDED) for pod in installation.pods)


class TakeOverTest(StepsTest):
    namespace = "takeover"

    def names_of_configurations(self):
        return {item["metadata"]["name"] for item in self.cluster.admin.get(WEBHOOKS)["items"]}

    def test_no_pod_is_lost_on_the_way_and_on_the_way_back(self):
        self.create_while("taking over from Dapr's injector", self.take_over)
        self.assertEqual(self.names_of_configurations(), {NAME})
        [webhook] = self.ours.webhook_configuration()["webhooks"]
        self.assertEqual(webhook["failurePolicy"], "Fail")
        self.create_while("going back to Dapr's injector", self.go_back)
        self.assertEqual(self.names_of_configurations(), {"dapr-sidecar-injector"})

    def take_over(self):
        self.ours = Installation(self.cluster, BESIDE, namespace=StockInstallation.NAMESPACE)
        self.addCleanup(self.ours.close)
        self.try_it()
        self.dapr.retire(lambda: self.dapr.release.upgrade(self.dapr.values(enabled=False)))
        self.ours.release.upgrade(ALONE)
        self.assertGreater(self.succeeded(self.ours), 0)

    def try_it(self):
        test = HelmTest(self.ours)
        try:
            code, log = test.run()
        finally:
            test.close()
        self.assertEqual(code, 0, log)

    def go_back(self):
        self.dapr.release.upgrade(self.dapr.values())
        self.dapr.start()
        self.ours.release.upgrade(BESIDE)
        self.ours.retire(self.ours.release.uninstall)
        self.assertGreater(self.succeeded(self.dapr), 0)


class SwitchTest(StepsTest):
    """Of the image in Dapr's chart. What the other injector has in the caBundle stands there as a
    certificate that no replica of ours serves."""

    namespace = "switch"

    def test_no_pod_is_lost_while_the_image_is_switched(self):
        foreign = self.cluster.plane.authority.certificate.read_bytes().strip()
        self.create_while("the image switched in Dapr's chart", lambda: self.switch(foreign))
        [webhook] = self.dapr.webhook_configuration()["webhooks"]
        self.assertEqual(webhook["failurePolicy"], "Ignore")
        self.assertGreater(self.succeeded(self.dapr), 0)

    def switch(self, foreign):
        others = ["kube-system", self.dapr.namespace]
        key = "kubernetes.io/metadata.name"
        strict = {
            "webhookFailurePolicy": "Fail",
            "namespaceSelector": {
                "matchExpressions": [{"key": key, "operator": "NotIn", "values": others}]
            },
        }
        values = self.dapr.values
        self.dapr.release.upgrade(values(image="registry.example.com/injector:1.18", **strict))
        self.add_to_bundle(foreign)
        self.dapr.release.upgrade(values(**strict))
        self.assertEqual(self.dapr.deployment.roll(), [0])
        self.assertIn(foreign, base64.b64decode(self.dapr.ca_bundle()))
        self.dapr.release.upgrade(values(webhookFailurePolicy="Ignore"))

    def add_to_bundle(self, certificate):
        bundle = base64.b64decode(self.dapr.ca_bundle()) + certificate + b"\n"
        operation = {
            "op": "replace", "path": "/webhooks/0/clientConfig/caBundle",
            "value": base64.b64encode(bundle).decode(),
        }  # fmt: skip
        self.cluster.admin.patch(f"{WEBHOOKS}/{self.dapr.name}", [operation], JSON_PATCH)


del StepsTest  # only its kinds are tests


if __name__ == "__main__":
    unittest.main()
