"""Pods created as fast as the API server takes them, while everything around is replaced."""

import threading
import unittest

from harness import cluster, objects
from harness.figures import record
from harness.installation import Installation
from harness.load import Load
from harness.metrics import Metrics

PODS = 1000
CONNECTIONS = 4


class DisruptionTest(unittest.TestCase):
    policy = None
    replicas = 3

    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        cls.namespace = f"disruption-{cls.policy.lower()}"
        objects.make_namespace(cls.cluster.admin, cls.namespace)
        cls.cluster.admin.create(
            objects.components(cls.namespace),
            objects.component("store", objects.image_of("store")),
        )
        cls.installation = Installation(
            cls.cluster,
            {"webhook": {"failurePolicy": cls.policy}, "drainSeconds": 5},
            cls.replicas,
        )
        cls.addClassCleanup(cls.installation.close)

    def fail_open_count(self):
        metrics = Metrics(self.cluster.admin.text("/metrics"))
        return metrics.sum("apiserver_admission_webhook_fail_open_count")

    def bare_pods(self):
        """Names of the stored pods that lack what they asked for."""
        bare, answer = [], {"metadata": {"continue": ""}}
        while True:
            answer = self.cluster.admin.get(
                objects.pods(self.namespace), limit=500, **{"continue": answer["metadata"].get("continue", "")}
            )
            for pod in answer["items"]:
                spec = pod["spec"]
                names = {c["name"] for c in spec.get("initContainers", []) + spec["containers"]}
                if not {"daprd", "store"} <= names:
                    bare.append(pod["metadata"]["name"])
            if not answer["metadata"].get("continue"):
                return bare

    def create_while(self, disturb):
        """Creates at least PODS pods, and goes on until disturb() has returned."""
        pod = objects.pod("busy", app_id="busy")
        del pod["metadata"]["name"]
        pod["metadata"]["generateName"] = "busy-"
        load = Load(self.cluster.controller, self.namespace, [pod], CONNECTIONS)
        creating = threading.Thread(target=load.run, kwargs={"seconds": 600})
        creating.start()
        try:
            disturb()
            while load.outcomes[201] < PODS and creating.is_alive():
                creating.join(0.1)
        finally:
            load.stop()
            creating.join()
        return load

    def check(self, what, load, failed_open_before):
        bare = self.bare_pods()
        figures = {
            "pods": load.outcomes[201],
            "refused": sum(n for status, n in load.outcomes.items() if status not in (0, 201)),
            "connections lost": load.outcomes[0],
            "without what they asked for": len(bare),
            "slowest in seconds": round(max(load.seconds), 2),
        }
        record(f"{what}, failurePolicy {self.policy}", figures)
        self.assertEqual(bare, [])
        refused = [failure for failure in load.failures if failure[0] != 0]
        self.assertEqual(refused, [])
        self.assertEqual(self.fail_open_count() - failed_open_before, 0)

    def test_replicas_replaced_one_by_one(self):
        before = self.fail_open_count()
        codes = []
        load = self.create_while(lambda: codes.extend(self.installation.deployment.roll()))
        self.check("replicas replaced one by one", load, before)
        self.assertEqual(load.outcomes[0], 0)
        self.assertEqual(codes, [0] * self.replicas)

    def test_api_server_restarts(self):
        plane = self.cluster.plane
        load = self.create_while(plane.restart_apiserver)
        # The counter begins anew with the process.
        self.check("the API server restarts", load, 0)


class FailTest(DisruptionTest):
    policy = "Fail"


class IgnoreTest(DisruptionTest):
    policy = "Ignore"


del DisruptionTest  # only its kinds are tests


if __name__ == "__main__":
    unittest.main()
