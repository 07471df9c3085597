"""Random pods with random and hostile Components through our webhook in the cluster."""

import collections
import os
import unittest

from harness import cluster, comparison, objects, random_pairs
from harness.api import ApiError
from harness.figures import record
from harness.installation import Installation

SEED = int(os.environ.get("CLUSTER_SEED", "1"))
PODS = 1000 if cluster.FULL else 200
PODS_OF_A_NAMESPACE = 5


class RandomPodsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        cls.pods = cls.draw()  # before the webhook is there
        cls.installation = Installation(cls.cluster)
        cls.addClassCleanup(cls.installation.close)

    @classmethod
    def draw(cls):
        """Lists (namespace, pod) of pods that the API server takes without us; the namespaces hold
        the Components of the first pod in them, as far as the resource type allows."""
        found, namespace, room = [], None, 0
        for pair in random_pairs.pairs(SEED):
            if room == 0:
                namespace, room = f"random-{pair['seed']}", PODS_OF_A_NAMESPACE
                objects.make_namespace(cls.cluster.admin, namespace)
                cls.create_components(namespace, pair["components"])
            pod = random_pairs.placed(pair["pod"], namespace)
            if cls.create(pod, namespace)[1] is None:
                found.append((namespace, pod))
                room -= 1
            if len(found) == PODS:
                return found
        raise AssertionError("unreachable: pairs have no end")

    @classmethod
    def create_components(cls, namespace, values):
        for value in values:
            value = {**value, "apiVersion": "dapr.io/v1alpha1"}
            if isinstance(value.get("spec"), dict):
                value["spec"] = {"metadata": [], **value["spec"]}
            try:
                cls.cluster.admin.create(objects.components(namespace), value)
            except ApiError as error:
                if error.status not in (400, 422):
                    raise

    @classmethod
    def create(cls, pod, namespace):
        """Returns (stored pod, None) of a dry run, or (None, why it was refused)."""
        try:
            stored = cls.cluster.controller.create(objects.pods(namespace), pod, dryRun="All")
        except ApiError as error:
            return None, error.message
        return stored, None

    def test_none_is_refused_because_of_its_patch_and_a_second_pass_changes_nothing(self):
        outcomes = collections.Counter()
        for namespace, pod in self.pods:
            with self.subTest(namespace):
                stored, refused = self.create(pod, namespace)
                if refused:
                    # The injector's own word, on a pod that could not work.
                    self.assertIn("denied the request:", refused)
                    outcomes["denied"] += 1
                    continue
                spec = stored["spec"]
                sidecars = [c for c in spec.get("initContainers", []) + spec["containers"]
                            if c["name"] == "daprd"]  # fmt: skip
                outcomes["injected" if sidecars else "left alone"] += 1
                again, refused = self.create(comparison.resent(stored), namespace)
                self.assertIsNone(refused)
                self.assertEqual(comparison.settled(again), comparison.settled(stored))
        record(f"{PODS} random pods through the webhook", dict(outcomes))
        self.assertGreater(outcomes["injected"], PODS // 2)


if __name__ == "__main__":
    unittest.main()
