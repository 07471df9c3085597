"""The order of steps of docs/install.md: beside Dapr's injector, in its place, and back."""

import unittest

from harness import cluster, objects
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


class TakeOverTest(unittest.TestCase):
    """Dapr's chart is the real one. In the pods of its injector runs this program, since the real
    one needs the rest of the control plane; what counts is who is asked, and when."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        objects.make_namespace(cls.cluster.admin, "takeover")
        cls.cluster.admin.create(
            objects.components("takeover"), objects.component("store", objects.image_of("store"))
        )
        cls.creation = SteadyCreation(cls.cluster, "takeover", ["daprd", "store"])
        cls.dapr = StockInstallation(cls.cluster)
        cls.addClassCleanup(cls.dapr.close)

    def create_while(self, what, steps):
        load = self.creation.run_while(steps, PODS)
        bare = self.creation.bare_pods()
        record(what, {"pods": load.outcomes[201], "without what they asked for": len(bare),
                      "refused": len(load.failures)})  # fmt: skip
        self.assertEqual(bare, [])
        self.assertEqual(load.failures, [])

    def succeeded(self, installation):
        return sum(Metrics(pod.metrics()).sum(SUCCEEDED) for pod in installation.pods)

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


if __name__ == "__main__":
    unittest.main()
