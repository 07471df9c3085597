"""Pods created as fast as the API server takes them, while everything around is replaced."""

import collections
import unittest

from harness import clock, cluster, objects
from harness.figures import record
from harness.installation import WEBHOOKS, Installation
from harness.metrics import Metrics
from harness.process import wait_for
from harness.steady import SteadyCreation, by_restart, fail_open_count

PODS = 1000 if cluster.FULL else 300
IN_USE = "certificate: in use"


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
        cls.creation = SteadyCreation(cls.cluster, cls.namespace, ["daprd", "store"])
        cls.clock = clock.ShiftedClock(cls.cluster.folder / f"clock-{cls.namespace}", -cls.behind)
        cls.installation = Installation(
            cls.cluster,
            {"webhook": {"failurePolicy": cls.policy}, "drainSeconds": 5},
            cls.replicas,
            environment=cls.clock.environment(),
        )
        cls.addClassCleanup(cls.installation.close)

    def begin_behind(self):
        """Certificates of five days ago; a jump of the clock makes them due for renewal."""
        self.clock.set(-self.behind)
        self.installation.deployment.roll()

    def check(self, what, load, failed_open):
        bare = self.creation.bare_pods()
        outages = self.cluster.plane.outages
        excused = [failure for failure in load.failures if by_restart(failure, outages)]
        refused = [failure for failure in load.failures if not by_restart(failure, outages)]
        figures = {
            "pods": load.outcomes[201],
            "refused": len(refused),
            # By status; 0 is no connection.
            "lost to the API server's restart": collections.Counter(f.status for f in excused),
            "without what they asked for": len(bare),
            "slowest in seconds": round(max(load.seconds), 2),
        }
        record(f"{what}, {self.replicas} replicas, failurePolicy {self.policy}", figures)
        self.assertEqual(bare, [])
        self.assertEqual(refused[:20], [])
        self.assertEqual(failed_open, 0)

    def test_certificates_rotate(self):
        self.begin_behind()
        before = fail_open_count(self.cluster)
        ends = [_certificate_end(pod) for pod in self.installation.pods]

        def rotate():
            self.clock.set(0)
            wait_for("all certificates are renewed", lambda: _renewed(self.installation.pods))

        load = self.creation.run_while(rotate, PODS)
        self.check("certificates rotate", load, fail_open_count(self.cluster) - before)
        self.assertEqual(load.failures, [])
        for pod, end in zip(self.installation.pods, ends):
            self.assertAlmostEqual(_certificate_end(pod) - end, self.behind, delta=300)

    def test_replicas_replaced_one_by_one(self):
        before = fail_open_count(self.cluster)
        codes = []
        load = self.creation.run_while(
            lambda: codes.extend(self.installation.deployment.roll()), PODS
        )
        self.check(
            "replicas replaced one by one", load, fail_open_count(self.cluster) - before
        )  # fmt: skip
        self.assertEqual(load.failures, [])
        self.assertEqual(codes, [0] * self.replicas)

    def test_api_server_restarts(self):
        before = fail_open_count(self.cluster)
        failed_open = []

        def restart():
            failed_open.append(fail_open_count(self.cluster) - before)
            self.cluster.plane.restart_apiserver()

        load = self.creation.run_while(restart, PODS)
        # The counter begins anew with the process.
        failed_open.append(fail_open_count(self.cluster))
        self.check("the API server restarts", load, sum(failed_open))


class AllTogether:
    """With several replicas: each disturbance of the others, in one run."""

    def test_everything_within_one_run(self):
        self.begin_behind()
        before = fail_open_count(self.cluster)
        deployment, codes, failed_open = self.installation.deployment, [], []

        def disturb():
            first, *others = self.installation.pods
            # New certificates are published now, and used ten seconds later.
            self.clock.set(0)
            codes.append(deployment.replace(first)[1])
            wait_for("the certificates are renewed", lambda: _renewed(others))
            failed_open.append(fail_open_count(self.cluster) - before)
            self.cluster.plane.restart_apiserver()
            codes.extend(deployment.replace(other)[1] for other in others)
            failed_open.append(fail_open_count(self.cluster))

        load = self.creation.run_while(disturb, 1000)
        self.check("everything within one run", load, sum(failed_open))
        self.assertEqual(codes, [0] * self.replicas)


def _certificate_end(pod):
    """Seconds since the epoch, by the pod's metric."""
    return Metrics(pod.metrics()).sum("component_injector_certificate_expiry_timestamp_seconds")


def _renewed(pods):
    return all(pod.log().count(IN_USE) > 1 for pod in pods)


class FailTest(AllTogether, DisruptionTest):
    policy = "Fail"


class OneReplicaTest(DisruptionTest):
    policy = "Fail"
    replicas = 1


class IgnoreTest(AllTogether, DisruptionTest):
    policy = "Ignore"


del DisruptionTest, AllTogether  # only their kinds are tests


class FailOpenCountTest(unittest.TestCase):
    """That the counter, which stays at 0 above, is one that moves."""

    def test_webhook_that_is_down_moves_it(self):
        plane = cluster.shared()
        namespace, name = "fail-open", "down.example.com"
        objects.make_namespace(plane.admin, namespace)
        rule = {
            "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"],
            "operations": ["CREATE"],
        }  # fmt: skip
        plane.admin.create(WEBHOOKS, {"metadata": {"name": name}, "webhooks": [{
            "name": name, "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": "Ignore", "rules": [rule],
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        }]})  # fmt: skip
        self.addCleanup(plane.admin.delete, f"{WEBHOOKS}/{name}")
        before = fail_open_count(plane)

        def moved():
            plane.controller.create(objects.pods(namespace), objects.pod("app"), dryRun="All")
            return fail_open_count(plane) > before

        wait_for("the counter moves", moved, seconds=10)


if __name__ == "__main__":
    unittest.main()
