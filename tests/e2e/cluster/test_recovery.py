"""What happens to clusters: watches cut, the API server away, rights taken, certificates reset.

Each time the injector recovers without a restart, and its log and its metrics have it.
"""

import base64
import itertools
import re
import time
import unittest

from harness import cluster, objects
from harness.api import JSON_PATCH, ApiError
from harness.figures import record
from harness.installation import NAME, WEBHOOKS, Installation
from harness.metrics import Metrics
from harness.process import wait_for

AWAY_SECONDS = 30 if cluster.FULL else 5
GOES_ON = "recovered, watching again|read again"
_NUMBERS = itertools.count(1)
ROLE = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{NAME}"


class RecoveryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        cls.installation = Installation(cls.cluster, replicas=1)
        cls.addClassCleanup(cls.installation.close)

    def setUp(self):
        self.namespace = f"recovery-{next(_NUMBERS)}"
        objects.make_namespace(self.cluster.admin, self.namespace)
        self.add_component("first")
        self.pod = self.installation.pods[0]
        self.eventually_injected({"first"})
        self.log_begin = len(self.pod.log())
        self.before = Metrics(self.pod.metrics())

    def add_component(self, name):
        self.cluster.admin.create(
            objects.components(self.namespace), objects.component(name, objects.image_of(name))
        )

    def create(self):
        return self.cluster.controller.create(
            objects.pods(self.namespace), objects.pod("app"), dryRun="All"
        )

    def injected(self):
        return {c["name"] for c in self.create()["spec"].get("initContainers", [])}

    def eventually_injected(self, names, seconds=60):
        def injected():
            try:
                return names <= self.injected()
            except ApiError:
                return False

        wait_for(f"{names} are injected", injected, seconds)

    def log(self):
        """What the program said since the test began."""
        return self.pod.log()[self.log_begin :]

    def wait_for_log(self, text, seconds=60):
        try:
            wait_for(f"the log says: {text}", lambda: text in self.log(), seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()[-4000:]}") from error

    def grown(self, metric, **labels):
        after = Metrics(self.pod.metrics())
        return after.sum(metric, **labels) - self.before.sum(metric, **labels)

    def cached(self):
        return Metrics(self.pod.metrics()).sum("component_injector_cache_components")

    def seen_within(self, seconds):
        """Adds a Component and waits until memory has it, with no live look-up to help."""
        count = self.cached()
        self.add_component("second")
        begin = time.monotonic()
        wait_for("memory has the Component", lambda: self.cached() > count, seconds)
        return time.monotonic() - begin

    def check_still_the_same_process(self):
        self.assertTrue(self.pod.running())
        self.assertEqual(self.pod.readiness()[0], 200)


class ApiServerTest(RecoveryTest):
    def test_restart_expires_the_watch_and_it_is_listed_again(self):
        self.cluster.plane.restart_apiserver()
        took = self.seen_within(40)
        record("after a restart of the API server: seconds until a new Component is known",
               round(took, 2))  # fmt: skip
        self.eventually_injected({"first", "second"})
        self.assertGreater(self.grown("component_injector_cache_relists_total"), 0)
        self.assertRegex(self.log(), GOES_ON)
        self.check_still_the_same_process()

    def test_api_server_away_for_a_while(self):
        plane = self.cluster.plane
        plane.stop_apiserver()
        time.sleep(AWAY_SECONDS)  # the outage itself
        self.assertEqual(self.pod.readiness()[0], 200, "losing the API server does not unready")
        self.assertGreater(self.grown("component_injector_cache_errors_total"), 0)
        plane.start_apiserver()
        took = self.seen_within(90)  # the longest back-off and its jitter
        record(f"after {AWAY_SECONDS} s without API server: seconds until a new Component is known",
               round(took, 2))  # fmt: skip
        self.eventually_injected({"first", "second"})
        # It goes on from where it was, or begins anew when the API server cannot.
        wait_for("the log says that it goes on", lambda: re.search(GOES_ON, self.log()))
        self.check_still_the_same_process()

    @unittest.skipUnless(cluster.FULL, "takes two minutes; CLUSTER_FULL=1")
    def test_dead_connection_is_noticed_by_its_silence(self):
        self.pod.sandbox.cut()
        self.addCleanup(self.pod.sandbox.mend)
        # Bookmarks come every minute; 75 s after the last line the peer counts as dead.
        self.wait_for_log("GET /apis/dapr.io/v1alpha1/components: nothing came in time", 90)
        self.pod.sandbox.mend()
        self.assertGreater(self.grown("component_injector_cache_errors_total"), 0)
        took = self.seen_within(60)
        record("after a cut without a sign: seconds until a new Component is known",
               round(took, 2))  # fmt: skip
        self.check_still_the_same_process()


class RightsTest(RecoveryTest):
    def rules(self):
        return self.cluster.admin.get(ROLE)["rules"]

    def set_verbs(self, verbs):
        rules = self.rules()
        for rule in rules:
            if rule["resources"] == ["components"]:
                rule["verbs"] = verbs
        self.cluster.admin.patch(ROLE, {"rules": rules})

    def tearDown(self):
        self.set_verbs(["get", "list", "watch"])
        self.wait_until_watching()

    def wait_until_watching(self):
        """After an earlier refusal; the API server ends watches only with itself."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            name = f"probe-{time.monotonic_ns()}"
            before = self.cached()
            self.add_component(name)
            end = time.monotonic() + 2
            while time.monotonic() < end:
                if self.cached() > before:
                    return
                time.sleep(0.05)
        raise AssertionError(f"not watching again:\n{self.log()[-3000:]}")

    def check_unknown_namespace_is_refused(self):
        """Of which nothing is in memory, so that it would have to be listed."""
        other = f"{self.namespace}-unknown"
        objects.make_namespace(self.cluster.admin, other)
        with self.assertRaises(ApiError) as caught:
            self.cluster.controller.create(objects.pods(other), objects.pod("app"), dryRun="All")
        self.assertIn("lacks the verb list", caught.exception.message)

    def test_watch_forbidden_in_mid_flight_turns_to_lists_and_back(self):
        self.set_verbs(["get", "list"])
        self.cluster.plane.restart_apiserver()
        self.wait_for_log("lacks the verb watch", 120)
        self.add_component("second")
        self.eventually_injected({"first", "second"}, seconds=5)
        self.assertGreater(self.grown("component_injector_cache_errors_total"), 0)
        self.assertGreater(self.grown("component_injector_live_lists_total", result="success"), 0)
        self.set_verbs(["get", "list", "watch"])
        self.wait_for_log("WATCH is allowed now", 90)
        self.check_still_the_same_process()

    def test_list_forbidden_in_mid_flight_serves_what_is_known_and_says_so(self):
        self.set_verbs(["get", "watch"])
        self.cluster.plane.restart_apiserver()  # the watch is too old then
        # A watch gives the whole picture where the server can (WatchList); live look-ups are lists.
        wait_for("the log says that it goes on, or what it lacks",
                 lambda: re.search(f"{GOES_ON}|lacks the verb list", self.log()), 120)  # fmt: skip
        self.assertGreater(self.grown("component_injector_cache_errors_total"), 0)
        self.assertIn("first", self.injected())
        self.check_unknown_namespace_is_refused()
        self.check_still_the_same_process()

    def test_watch_and_list_forbidden_serves_what_is_known_and_says_so(self):
        self.set_verbs(["get"])
        self.cluster.plane.restart_apiserver()
        self.wait_for_log("lacks the verb watch", 120)
        self.assertIn("{apiGroups: [dapr.io], resources: [components]", self.log())
        self.assertIn("first", self.injected())
        self.assertGreater(self.grown("component_injector_served_stale_total"), 0)
        self.assertGreater(self.grown("component_injector_cache_errors_total"), 0)
        self.check_unknown_namespace_is_refused()
        self.check_still_the_same_process()


class CertificateTest(RecoveryTest):
    def set_bundle(self, value):
        operation = {"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": value}
        self.cluster.admin.patch(f"{WEBHOOKS}/{NAME}", [operation], JSON_PATCH)

    def test_ca_bundle_reset_by_hand_is_written_again_within_ten_seconds(self):
        bundle = self.installation.ca_bundle()
        self.cluster.admin.patch(
            f"{WEBHOOKS}/{NAME}",
            [{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}],
            JSON_PATCH,
        )
        begin = time.monotonic()
        wait_for("the bundle is back", lambda: self.installation.ca_bundle() == bundle, 10)
        record("caBundle reset by hand: seconds until it is back",
               round(time.monotonic() - begin, 2))  # fmt: skip
        self.eventually_injected({"first"}, seconds=5)
        self.assertGreater(self.grown("component_injector_ca_bundle_writes_total"), 0)
        self.assertIn("caBundle written", self.log())

    def test_crash_loop_does_not_grow_the_bundle(self):
        for _ in range(5):
            self.pod.crash()
            self.pod.wait_ready()
        bundle = base64.b64decode(self.installation.ca_bundle())
        self.assertLessEqual(bundle.count(b"BEGIN CERTIFICATE"), 2)
        self.eventually_injected({"first"})

    def test_foreign_certificates_in_the_bundle_are_kept(self):
        foreign = self.cluster.plane.authority.certificate.read_bytes()
        own = base64.b64decode(self.installation.ca_bundle())
        bundle = base64.b64encode(foreign).decode()
        self.addCleanup(self.set_bundle, base64.b64encode(own).decode())
        self.set_bundle(bundle)

        def both():
            now = base64.b64decode(self.installation.ca_bundle())
            return own.strip() in now and foreign.strip() in now

        wait_for("the bundle holds both", both, 10)


del RecoveryTest  # only its kinds are tests


if __name__ == "__main__":
    unittest.main()
