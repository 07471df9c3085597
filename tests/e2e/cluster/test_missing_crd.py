"""A cluster without the resource type Component: the program runs on, says so, and tries again."""

import unittest

from harness import cluster, objects
from harness.api import ApiError
from harness.installation import Installation
from harness.metrics import Metrics
from harness.process import wait_for

TYPE = f"{objects.RESOURCE_TYPES}/components.dapr.io"


class MissingTypeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        objects.make_namespace(cls.cluster.admin, "typeless")
        cls.cluster.admin.delete(TYPE)
        wait_for("the resource type is gone", lambda: not cls.cluster.admin.exists(TYPE))
        cls.addClassCleanup(cls.restore)
        cls.installation = Installation(cls.cluster, replicas=1)
        cls.addClassCleanup(cls.installation.close)

    @classmethod
    def restore(cls):
        if not cls.cluster.admin.exists(TYPE):
            objects.install_crds(cls.cluster.admin, cls.cluster.dapr / "charts/dapr/crds")

    def create(self, inject):
        pod = objects.pod("app", inject=inject)
        stored = self.cluster.controller.create(objects.pods("typeless"), pod, dryRun="All")
        spec = stored["spec"]
        return {c["name"] for c in spec.get("initContainers", []) + spec["containers"]}

    def test_runs_on_says_so_and_tries_again(self):
        pod = self.installation.pods[0]
        missing = "the custom resource definition components.dapr.io is not installed: install Dapr"
        self.assertIn(missing, pod.log())
        status, report = pod.readiness()
        self.assertEqual(status, 200)
        self.assertIn(missing, report)
        # Who asks for no components is served, who does is told why not.
        self.assertEqual(self.create(inject=False), {"app", "daprd"})
        with self.assertRaises(ApiError) as caught:
            self.create(inject=True)
        self.assertIn(missing, caught.exception.message)
        self.restore()
        value = objects.component("store", objects.image_of("store"))
        self.cluster.admin.create(objects.components("typeless"), value)

        def cached():
            return Metrics(pod.metrics()).sum("component_injector_cache_components")

        # The longest back-off and its jitter.
        wait_for("it is asked for again", lambda: cached() == 1, seconds=90)
        self.assertLessEqual({"daprd", "store"}, self.create(inject=True))
        self.assertTrue(pod.running())
        self.assertNotIn(missing, pod.readiness()[1])


if __name__ == "__main__":
    unittest.main()
