"""A Component created, and its pod at once: who is seen in time, and who may be missed."""

import os
import unittest

from harness import cluster, objects
from harness.api import ApiError
from harness.figures import record
from harness.installation import Installation

TIMES = int(os.environ.get("CLUSTER_RACES", "200"))


class FreshnessTest(unittest.TestCase):
    freshness = None

    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        cls.installation = Installation(
            cls.cluster, {"components": {"freshness": cls.freshness}}, replicas=1
        )
        cls.addClassCleanup(cls.installation.close)

    def race(self, namespace, number, annotations=None):
        """Creates a Component and at once a pod; returns whether the pod got it."""
        name = f"store-{number}"
        self.cluster.admin.create(
            objects.components(namespace), objects.component(name, objects.image_of(name))
        )
        pod = objects.pod(f"app-{number}", annotations=annotations)
        stored = self.cluster.controller.create(objects.pods(namespace), pod, dryRun="All")
        return name in {c["name"] for c in stored["spec"].get("initContainers", [])}

    def missed_in_empty_namespaces(self, prefix):
        missed = 0
        for number in range(TIMES):
            namespace = f"{prefix}-{number}"
            objects.make_namespace(self.cluster.admin, namespace)
            missed += not self.race(namespace, number)
        return missed

    def missed_in_one_namespace(self, namespace, annotations=None):
        """A namespace that holds Components of other apps."""
        objects.make_namespace(self.cluster.admin, namespace)
        self.cluster.admin.create(
            objects.components(namespace),
            objects.component("other", objects.image_of("other"), scopes=["other-app"]),
        )
        missed = 0
        for number in range(TIMES):
            wanted = {key: text.format(number) for key, text in (annotations or {}).items()}
            missed += not self.race(namespace, number, wanted)
        return missed


class StrictTest(FreshnessTest):
    freshness = "strict"

    def test_strict_never_misses(self):
        missed = self.missed_in_one_namespace("strict")
        record("strict: missed", f"{missed} of {TIMES}")
        self.assertEqual(missed, 0)


class AutoTest(FreshnessTest):
    freshness = "auto"

    def test_auto_never_misses_in_an_empty_namespace(self):
        missed = self.missed_in_empty_namespaces("auto-empty")
        record("auto, empty namespace: missed", f"{missed} of {TIMES}")
        self.assertEqual(missed, 0)

    def test_auto_with_require_never_misses(self):
        required = {"component-injector.dapr.io/require": "store-{}"}
        missed = self.missed_in_one_namespace("auto-require", required)
        record("auto, namespace with others, required: missed", f"{missed} of {TIMES}")
        self.assertEqual(missed, 0)

    def test_auto_in_a_namespace_with_others_may_miss_what_is_younger_than_a_second(self):
        missed = self.missed_in_one_namespace("auto-others")
        record("auto, namespace with others: missed", f"{missed} of {TIMES}")
        # Whoever needs it at once says so (require); a second later it is always seen.
        stored = self.cluster.controller.create(
            objects.pods("auto-others"), objects.pod("late"), dryRun="All"
        )
        names = {c["name"] for c in stored["spec"].get("initContainers", [])}
        self.assertIn("store-0", names)

    def test_required_component_that_does_not_exist_refuses_the_pod_by_name(self):
        objects.make_namespace(self.cluster.admin, "auto-absent")
        pod = objects.pod("app", annotations={"component-injector.dapr.io/require": "absent"})
        with self.assertRaises(ApiError) as caught:
            self.cluster.controller.create(objects.pods("auto-absent"), pod, dryRun="All")
        self.assertIn("absent", caught.exception.message)


del FreshnessTest  # only its kinds are tests


if __name__ == "__main__":
    unittest.main()
