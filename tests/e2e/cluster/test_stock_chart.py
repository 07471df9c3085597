"""In place of Dapr's image under Dapr's own chart, whose RBAC grants no WATCH."""

import base64
import unittest

from harness import cluster, objects
from harness.api import JSON_PATCH
from harness.audit import AuditLog
from harness.figures import record
from harness.installation import WEBHOOKS, StockInstallation
from harness.process import wait_for


class StockChartTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        cls.audit = AuditLog(cls.cluster.plane.audit_log)
        objects.make_namespace(cls.cluster.admin, "stock")
        cls.cluster.admin.create(
            objects.components("stock"), objects.component("store", objects.image_of("store"))
        )
        cls.installation = StockInstallation(cls.cluster)
        cls.addClassCleanup(cls.installation.close)

    def containers(self, name):
        pod = self.cluster.controller.create(
            objects.pods("stock"), objects.pod(name), dryRun="All"
        )
        spec = pod["spec"]
        return {c["name"] for c in spec.get("initContainers", []) + spec["containers"]}

    def test_pods_get_their_sidecar_and_their_components(self):
        self.assertLessEqual({"daprd", "store", "wait-for-sockets"}, self.containers("app"))

    def test_components_are_listed_since_they_may_not_be_watched(self):
        self.containers("listed")
        self.assertIn("watch", self.installation.log())
        self.cluster.admin.create(
            objects.components("stock"), objects.component("late", objects.image_of("late"))
        )
        wait_for(
            "a Component that came later is seen",
            lambda: "late" in self.containers("listed-late"), seconds=5,
        )  # fmt: skip

    def test_ca_bundle_that_was_reset_is_written_again(self):
        bundle = self.installation.ca_bundle()
        self.assertTrue(base64.b64decode(bundle).startswith(b"-----BEGIN CERTIFICATE-----"))
        self.cluster.admin.patch(
            f"{WEBHOOKS}/dapr-sidecar-injector",
            [{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}],
            JSON_PATCH,
        )
        # Where only `patch` is granted it is read every 50 to 55 s, so that it is right within 60.
        wait_for("the bundle is back", lambda: self.installation.ca_bundle() == bundle, 60, 0.5)
        self.assertIn("daprd", self.containers("after-reset"))

    def test_refused_calls_are_few(self):
        self.containers("calls")
        refused = [
            f"{event['verb']} {event['requestURI'].partition('?')[0]}"
            for event in self.audit.events(self.installation.user)
            if event["responseStatus"].get("code") == 403
        ]
        record("calls refused under the stock RBAC", refused)
        self.assertLess(len(refused), 20)


if __name__ == "__main__":
    unittest.main()
