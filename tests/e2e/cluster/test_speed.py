"""Pod creations through the API server: with our webhook, without, and with one that does no work
and answers the same bytes. 3 of the namespace's 10 Components are injected into each pod.

Programs beside the tests take their share of each measurement, so only the long form demands what
an otherwise idle machine shows.
"""

import unittest

from harness import cluster, objects
from harness.audit import AuditLog
from harness.constant import ConstantWebhook
from harness.figures import record
from harness.installation import Installation
from harness.load import Load
from harness.metrics import Metrics, share_below

SECONDS = 20 if cluster.FULL else 4  # of each measurement
ROUNDS = 3  # of each pair of measurements, one with and one without, by turns
STEADY_RATE = 200
WEBHOOK = "pods.component-injector.dapr.io"
DURATION = "apiserver_admission_webhook_admission_duration_seconds"
POD_VARIABLES = 85  # make a pod of about 10 KB
# With our webhook, of those with the one that does no work.
SHARE_OF_LIMIT = 0.8 if cluster.FULL else 0.3
POINTS = 0.05 if cluster.FULL else 0.2


def measured_pod(lane, opted_in=True):
    pod = objects.pod("speed", app_id="speed")
    del pod["metadata"]["name"]
    pod["metadata"]["generateName"] = f"{lane}-"
    pod["metadata"]["labels"]["lane"] = lane
    pod["spec"]["containers"][0]["env"] = [
        {"name": f"ORDERS_SETTING_{number}", "value": "v" * 80} for number in range(POD_VARIABLES)
    ]
    if not opted_in:
        pod["metadata"]["annotations"] = {}
    return pod


class SpeedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()
        admin = cls.cluster.admin
        objects.make_namespace(admin, "speed")
        for number in range(10):
            name = f"store-{number}"
            scopes = ["speed"] if number < 3 else ["other-app"]
            admin.create(
                objects.components("speed"),
                objects.component(name, objects.image_of(name), scopes),
            )
        cls.installation = Installation(
            cls.cluster,
            {"webhook": {"objectSelector": {"matchLabels": {"lane": "ours"}}}},
            direct=True,
        )
        cls.addClassCleanup(cls.installation.close)
        sample = measured_pod("ours")
        cls.enterClassContext(ConstantWebhook(cls.cluster, "speed", "lane", "constant", sample))

    def setUp(self):
        self.remove_pods()

    def remove_pods(self):
        """The API server keeps in memory what is stored, and is slower for it."""
        for _ in objects.take_pods(self.cluster.admin, "speed"):
            pass

    def metrics(self):
        return Metrics(self.cluster.admin.text("/metrics"))

    def load(self, lanes, connections):
        return Load(
            self.cluster.controller, "speed", [measured_pod(lane) for lane in lanes], connections
        )

    def check_share(self, connections):
        """The best of some rounds, in which the lanes take turns."""
        rates = {"ours": 0, "constant": 0, "none": 0}
        for _ in range(ROUNDS):
            for lane, best in rates.items():
                load = self.load([lane], connections)
                rates[lane] = max(best, load.run(seconds=SECONDS))
                self.assertEqual(load.failures, [])
                self.remove_pods()
        ours = rates["ours"]
        record(
            f"creations a second, {connections} connections",
            {
                "with our webhook": round(ours),
                "with one that does no work": round(rates["constant"]),
                "without any": round(rates["none"]),
                "share": round(ours / rates["none"], 3),
                "share of the limit": round(ours / rates["constant"], 3),
            },
        )
        self.assertGreaterEqual(ours / rates["constant"], SHARE_OF_LIMIT)

    def test_one_connection_is_near_the_webhook_that_does_no_work(self):
        self.check_share(1)

    def test_eight_connections_are_near_the_webhook_that_does_no_work(self):
        self.check_share(8)

    def test_calls_take_as_long_as_those_of_a_webhook_that_does_no_work(self):
        before = self.metrics()
        load = self.load(["ours", "constant"], 8)
        rate = load.run(seconds=3 * SECONDS, rate=STEADY_RATE)
        self.assertEqual(load.failures, [])
        after = self.metrics()
        figures = {"creations a second": round(rate)}
        shares = {}
        for lane, name in (("ours", WEBHOOK), ("constant", ConstantWebhook.NAME)):
            shares[lane], count = share_below(before, after, 0.005, DURATION, name=name)
            figures[lane] = {"calls": count, "at most 5 ms": round(shares[lane], 4)}
            self.assertGreater(count, 100)
        record(f"{STEADY_RATE} creations a second, calls by the API server's clock", figures)
        if cluster.FULL:
            self.assertGreater(rate, 0.95 * STEADY_RATE)
        self.assertGreaterEqual(shares["ours"], shares["constant"] - POINTS)

    def test_pod_is_reviewed_once(self):
        pods = 100
        before = self.metrics()
        load = self.load(["ours"], 1)
        load.run(count=pods)
        self.assertEqual(load.failures, [])
        after = self.metrics()
        reviews = [m.sum(DURATION + "_count", name=WEBHOOK) for m in (before, after)]
        self.assertEqual(reviews[1] - reviews[0], pods)

    def test_admissions_make_no_call_to_the_api(self):
        audit = AuditLog(self.cluster.plane.audit_log)
        load = self.load(["ours"], 8)
        load.run(count=1000)
        self.assertEqual(load.failures, [])
        calls = [
            f"{event['verb']} {event['requestURI']}"
            for event in audit.events(self.installation.user)
        ]
        record("calls of the injector during 1,000 admissions", calls)
        # What it does by itself: reading the Configuration (30 s), the version (1 h), a watch anew.
        self.assertLessEqual(len(calls), 3)
        self.assertFalse([call for call in calls if call.startswith("list")])


if __name__ == "__main__":
    unittest.main()
