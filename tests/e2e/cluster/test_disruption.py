"""Pods created as fast as the API server takes them, while everything around is replaced."""

import threading
import unittest

from harness import clock, cluster, objects
from harness.figures import record
from harness.installation import Installation
from harness.load import Load
from harness.metrics import Metrics
from harness.process import wait_for

PODS = 1000 if cluster.FULL else 300
CONNECTIONS = 4
IN_USE = "certificate: in use"


def by_restart(status, text):
    """Whether a creation failed because the API server itself ends or begins: no connection, its
    RBAC not read yet (403), its storage not ready (429), shutting down (503)."""
    return status in (0, 403, 429, 503) and "webhook" not in text


class DisruptionTest(unittest.TestCase):
    maxDiff = None
    policy = None
    replicas = 3
    behind = 5 * clock.DAY  # of the 7 that a certificate is valid, which is renewed after 4.7

    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        cls.namespace = f"disruption-{cls.policy.lower()}-{cls.replicas}"
        objects.make_namespace(cls.cluster.admin, cls.namespace)
        cls.cluster.admin.create(
            objects.components(cls.namespace),
            objects.component("store", objects.image_of("store")),
        )
        cls.clock = clock.ShiftedClock(cls.cluster.folder / f"clock-{cls.namespace}", -cls.behind)
        cls.installation = Installation(
            cls.cluster,
            {"webhook": {"failurePolicy": cls.policy}, "drainSeconds": 5},
            cls.replicas,
            environment=cls.clock.environment(),
        )
        cls.addClassCleanup(cls.installation.close)

    def fail_open_count(self):
        metrics = Metrics(self.cluster.admin.text("/metrics"))
        return metrics.sum("apiserver_admission_webhook_fail_open_count")

    def bare_pods(self):
        """Names of the stored pods that lack what they asked for."""
        bare, position = [], ""
        while position is not None:
            answer = self.cluster.admin.get(
                objects.pods(self.namespace), limit=500, **{"continue": position}
            )
            position = answer["metadata"].get("continue")
            for pod in answer["items"]:
                spec = pod["spec"]
                names = {c["name"] for c in spec.get("initContainers", []) + spec["containers"]}
                if not {"daprd", "store"} <= names:
                    bare.append(pod["metadata"]["name"])
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
        restart = {failure: n for failure, n in load.failures.items() if by_restart(*failure)}
        refused = {failure: n for failure, n in load.failures.items() if failure not in restart}
        figures = {
            "pods": load.outcomes[201],
            "refused": sum(refused.values()),
            "lost to the API server's restart": sum(restart.values()),
            "without what they asked for": len(bare),
            "slowest in seconds": round(max(load.seconds), 2),
        }
        record(f"{what}, {self.replicas} replicas, failurePolicy {self.policy}", figures)
        self.assertEqual(bare, [])
        self.assertEqual(refused, {})
        self.assertEqual(self.fail_open_count() - failed_open_before, 0)

    def test_certificates_rotate(self):
        self.clock.set(-self.behind)
        self.installation.deployment.roll()
        before = self.fail_open_count()

        def renewed():
            return all(pod.log().count(IN_USE) > 1 for pod in self.installation.pods)

        def rotate():
            self.clock.set(0)
            wait_for("all certificates are renewed", renewed)

        load = self.create_while(rotate)
        self.check("certificates rotate", load, before)
        self.assertEqual(dict(load.failures), {})

    def test_replicas_replaced_one_by_one(self):
        before = self.fail_open_count()
        codes = []
        load = self.create_while(lambda: codes.extend(self.installation.deployment.roll()))
        self.check("replicas replaced one by one", load, before)
        self.assertEqual(dict(load.failures), {})
        self.assertEqual(codes, [0] * self.replicas)

    def test_api_server_restarts(self):
        plane = self.cluster.plane
        load = self.create_while(plane.restart_apiserver)
        # The counter begins anew with the process.
        self.check("the API server restarts", load, 0)


class FailTest(DisruptionTest):
    policy = "Fail"


class OneReplicaTest(DisruptionTest):
    policy = "Fail"
    replicas = 1


class IgnoreTest(DisruptionTest):
    policy = "Ignore"


del DisruptionTest  # only its kinds are tests


if __name__ == "__main__":
    unittest.main()
