"""What the chart looks up before it installs anything, and `helm test`."""

import unittest

from harness import cluster, objects
from harness.helm import Release
from harness.helm_test import HelmTest
from harness.installation import NAME, NAMESPACE, WEBHOOKS, Installation, make_control_plane

CHART = cluster.ROOT / "charts/component-injector"
DAPRS_INJECTOR = "dapr-sidecar-injector"


class LookupTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()

    def refusal(self, release, values):
        with self.assertRaises(AssertionError) as raised:
            release.install(values)
            release.uninstall()
        return str(raised.exception)

    def test_namespace_without_a_control_plane_is_refused(self):
        objects.make_namespace(self.cluster.admin, "nothing")
        release = Release(self.cluster, NAME, "nothing", CHART)
        self.assertIn(
            "controlPlane.namespace: there is no Dapr control plane in namespace nothing",
            self.refusal(release, {}),
        )

    def test_checks_can_be_left_out(self):
        objects.make_namespace(self.cluster.admin, "nothing")
        release = Release(self.cluster, NAME, "nothing", CHART)
        release.install({"controlPlane": {"checks": False}})
        release.uninstall()

    def test_daprs_own_injector_is_refused_until_the_value_allows_it(self):
        make_control_plane(self.cluster)
        self.cluster.admin.create(WEBHOOKS, {"metadata": {"name": DAPRS_INJECTOR}})
        self.addCleanup(self.cluster.admin.delete, f"{WEBHOOKS}/{DAPRS_INJECTOR}")
        release = Release(self.cluster, NAME, NAMESPACE, CHART)
        refusal = self.refusal(release, {})
        self.assertIn("Dapr's own injector is enabled", refusal)
        self.assertIn("--set dapr_sidecar_injector.enabled=false", refusal)
        notes = release.install({
            "controlPlane": {"besideDaprInjector": True}, "webhook": {"failurePolicy": "Ignore"},
        })  # fmt: skip
        release.uninstall()
        self.assertIn("--set controlPlane.besideDaprInjector=false", notes)


class StartTest(unittest.TestCase):
    def test_program_sees_daprs_own_injector_with_the_rights_of_the_chart(self):
        installation = Installation(cluster.shared(), replicas=1)
        self.addCleanup(installation.close)
        admin = installation.cluster.admin
        self.assertNotIn("own injector", installation.pods[0].log())
        admin.create(WEBHOOKS, {"metadata": {"name": DAPRS_INJECTOR}})
        self.addCleanup(admin.delete, f"{WEBHOOKS}/{DAPRS_INJECTOR}")
        installation.deployment.roll()
        status, report = installation.pods[0].readiness()
        self.assertEqual(status, 200)
        self.assertIn("other-injector: Dapr's own injector is still installed", report)


class HelmTestTest(unittest.TestCase):
    def test_reviews_go_through_the_service_to_every_replica(self):
        installation = Installation(cluster.shared())
        self.addCleanup(installation.close)
        test = HelmTest(installation)
        self.addCleanup(test.close)
        code, log = test.run()
        self.assertEqual((code, log.count(": daprd is injected")), (0, 6), log)
        for pod in installation.pods:
            self.assertIn("dapr_injector_sidecar_injection_requests_total 3", pod.metrics())

    def test_no_replica_is_a_failure(self):
        installation = Installation(cluster.shared(), replicas=1)
        self.addCleanup(installation.close)
        test = HelmTest(installation)
        self.addCleanup(test.close)
        installation.pods[0].stop()
        code, log = test.run()
        # The last one has taken its certificate with it.
        self.assertEqual(code, 2, log)
        self.assertIn(f"MutatingWebhookConfiguration {NAME} has no caBundle", log)


if __name__ == "__main__":
    unittest.main()
