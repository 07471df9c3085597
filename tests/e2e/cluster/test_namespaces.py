"""The chart's value `namespaces`: a Role in each in place of the ClusterRole on Components."""

import unittest

from harness import cluster, objects
from harness.api import ApiError
from harness.audit import AuditLog
from harness.installation import Installation
from harness.metrics import Metrics
from harness.process import wait_for

WATCHED = ["watched-a", "watched-b"]
OTHER = "not-watched"


class NamespacesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        for namespace in [*WATCHED, OTHER]:
            objects.make_namespace(cls.cluster.admin, namespace)
            cls.add(namespace, "store")
        cls.audit = AuditLog(cls.cluster.plane.audit_log)
        cls.installation = Installation(cls.cluster, {"namespaces": WATCHED}, replicas=1)
        cls.addClassCleanup(cls.installation.close)

    @classmethod
    def add(cls, namespace, name):
        value = objects.component(name, objects.image_of(name))
        cls.cluster.admin.create(objects.components(namespace), value)

    def containers(self, namespace):
        pod = self.cluster.controller.create(
            objects.pods(namespace), objects.pod("app"), dryRun="All"
        )
        spec = pod["spec"]
        return {c["name"] for c in spec.get("initContainers", []) + spec["containers"]}

    def test_pods_of_these_namespaces_get_their_components_and_others_are_left_alone(self):
        for namespace in WATCHED:
            self.assertLessEqual({"daprd", "store"}, self.containers(namespace))
        self.assertEqual(self.containers(OTHER), {"app"})

    def test_components_of_each_are_watched(self):
        def cached():
            metrics = Metrics(self.installation.pods[0].metrics())
            return metrics.sum("component_injector_cache_components")

        self.assertEqual(cached(), len(WATCHED))
        self.add(WATCHED[1], "second")
        wait_for("memory has the new one too", lambda: cached() == len(WATCHED) + 1)

    def test_rights_end_at_these_namespaces(self):
        program = self.cluster.admin.impersonate(self.installation.user)
        for namespace in WATCHED:
            self.assertTrue(program.get(objects.components(namespace))["items"])
        for path in (objects.components(OTHER), f"{objects.DAPR_API}/components"):
            with self.assertRaises(ApiError) as caught:
                program.get(path)
            self.assertEqual(caught.exception.status, 403)

    def test_nothing_that_the_program_needs_is_refused(self):
        refused = [
            event["requestURI"]
            for event in self.audit.events(self.installation.user)
            if event["responseStatus"].get("code") == 403
        ]
        # Asked for at start, and gladly done without: accounts' uids, beside their names.
        needed = [path for path in refused if "/serviceaccounts/" not in path]
        self.assertEqual(needed, [])


if __name__ == "__main__":
    unittest.main()
