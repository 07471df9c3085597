"""The certificate that replicas make themselves: published beside others, taken back, and the life
of a replica around it."""

import contextlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

from cluster_replica import JSON, Replica
from fake_control_plane import NAME, FakeControlPlane, configuration, webhook
from reviews import review
from webhook_process import eventually, exchange, make_certificate


def leaf_of_another(pod="gone", digits="0123abcd", days="7"):
    """A leaf as some replica would have made it."""
    with tempfile.TemporaryDirectory(prefix="injector-leaf-") as folder:
        done = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", days, "-subj", f"/O=component-injector/CN={pod}-{digits}",
             "-addext", "basicConstraints=critical,CA:FALSE", "-keyout",
             os.path.join(folder, "key")], check=True, capture_output=True, text=True)
        return done.stdout


def foreign_leaf():
    with tempfile.TemporaryDirectory(prefix="injector-leaf-") as folder:
        return make_certificate(folder, "ca.example")


class PublicationTest(unittest.TestCase):
    def test_leaf_is_added_to_what_is_there_and_taken_back(self):
        foreign = ("-----BEGIN CERTIFICATE-----\nno certificate\n-----END CERTIFICATE-----\n"
                   + foreign_leaf())
        others = configuration(webhook(bundle=foreign), webhook("of-somebody", {
            "namespace": "shop", "name": NAME}), webhook("second.dapr.io"))
        with FakeControlPlane(mutating=others) as cluster:
            with Replica(cluster, "injector-0") as replica:
                leaf = replica.shown()
                self.assertEqual(cluster.bundle(index=0), leaf + foreign)
                self.assertEqual(cluster.bundle(index=1), "")
                self.assertEqual(cluster.bundle(index=2), leaf)
                self.assertEqual(replica.admit()[0], 200)
                self.assertEqual(cluster.writes, 1)
            self.assertEqual(cluster.bundle(index=0), foreign)
            self.assertEqual(cluster.bundle(index=2), "")

    def test_rsa_leaf_serves_too(self):
        with FakeControlPlane() as cluster:
            with Replica(cluster, "injector-0", "--serving-key", "rsa") as replica:
                self.assertEqual(replica.admit()[0], 200)
                self.assertGreater(len(replica.shown()), 1000)  # a P-256 one has 800

    def test_refused_patch_is_tried_again_while_not_ready(self):
        with FakeControlPlane(forbidden={"patch"}) as cluster:
            with Replica(cluster, "injector-0", wait_ready=False) as replica:
                replica.await_line(
                    r"level=error .*cannot patch resource; add to the ClusterRole: .*resources: "
                    r"\[mutatingwebhookconfigurations\], resourceNames: \[dapr-sidecar-injector\], "
                    r"verbs: \[get, list, watch, patch\]")
                status, _, report = replica.get("health", "/readyz")
                self.assertEqual(status, 503)
                self.assertIn(b"[not ready] webhook-configuration", report)
                self.assertIn(b"cannot patch resource", report)
                self.assertEqual(replica.get("health", "/healthz")[0], 503)
                self.assertEqual(replica.get("health", "/livez")[0], 200)
                self.assertEqual(replica.metric("component_injector_ready"), 0)
                cluster.forbidden.clear()
                replica.await_line(r"msg=\"ready\"")
                self.assertEqual(replica.admit()[0], 200)
                self.assertEqual(replica.metric("component_injector_ready"), 1)
                self.assertGreaterEqual(replica.metric(
                    'component_injector_ca_bundle_errors_total{object="mutating"}'), 1)

    def test_request_before_ready_is_answered_503(self):
        with FakeControlPlane(forbidden={"patch"}) as cluster:
            with Replica(cluster, "injector-0", wait_ready=False) as replica:
                port = replica.port("webhook")
                context = ssl._create_unverified_context()  # nobody can trust it yet
                connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
                status, headers, _ = exchange(connection, "POST", "/mutate", json.dumps(review()),
                                              JSON)
                connection.close()
                self.assertEqual(status, 503)
                self.assertEqual(headers["Retry-After"], "1")
                self.assertEqual(headers["Connection"], "close")
                self.assertEqual(replica.metric(
                    'component_injector_http_responses_total{code="503"}'), 1)

    def test_configuration_without_a_webhook_of_ours_is_told(self):
        others = configuration(webhook(service={"namespace": "shop", "name": "other"}))
        with FakeControlPlane(mutating=others) as cluster:
            with Replica(cluster, "injector-0", wait_ready=False) as replica:
                replica.await_line("it has no webhook whose clientConfig.service is "
                                   "dapr-system/dapr-sidecar-injector")
                self.assertEqual(cluster.writes, 0)

    def test_certificate_shows_in_log_and_metric(self):
        with FakeControlPlane() as cluster:
            with Replica(cluster, "injector-0") as replica:
                replica.await_line("certificate: in use, O = component-injector, CN = injector-0-")
                expiry = replica.metric("component_injector_certificate_expiry_timestamp_seconds")
                self.assertAlmostEqual(expiry - time.time(), 7 * 24 * 3600, delta=120)
                self.assertEqual(replica.metric(
                    'component_injector_ca_bundle_writes_total{object="mutating"}'), 1)


class ManyReplicasTest(unittest.TestCase):
    def test_replicas_that_start_at_once_are_all_trusted(self):
        with contextlib.ExitStack() as stack:
            cluster = stack.enter_context(FakeControlPlane())
            cluster.conflicts = 20
            replicas = [stack.enter_context(Replica(cluster, f"injector-{i}", wait_ready=False))
                        for i in range(4)]
            for replica in replicas:
                replica.await_line(r"msg=\"ready\"")
            for replica in replicas:
                self.assertEqual(replica.admit()[0], 200)
            self.assertEqual(len(cluster.leaves()), 4)
            self.assertEqual(cluster.writes, 4)
            conflicts = sum(replica.metric(
                'component_injector_ca_bundle_conflicts_total{object="mutating"}')
                for replica in replicas)
            self.assertGreaterEqual(conflicts, 20)

    def test_killed_replicas_do_not_pile_up(self):
        with FakeControlPlane() as cluster:
            for _ in range(3):
                with Replica(cluster, "injector-0") as replica:
                    replica.ends_with = -signal.SIGKILL
                    replica.signal(signal.SIGKILL)
                    replica.wait()
            self.assertEqual(len(cluster.leaves()), 1)
            with Replica(cluster, "injector-0") as replica:
                self.assertEqual(cluster.leaves(), [replica.shown()])

    def test_leaves_are_bounded_and_the_own_one_stays(self):
        dead = "".join(leaf_of_another(f"gone-{i}", f"{i:08x}") for i in range(70))
        foreign = foreign_leaf()
        with FakeControlPlane(mutating=configuration(webhook(bundle=dead + foreign))) as cluster:
            with Replica(cluster, "injector-0") as replica:
                self.assertEqual(len(cluster.leaves()), 65)  # 64 of ours
                self.assertIn(replica.shown(), cluster.leaves())
                self.assertTrue(cluster.bundle().endswith(foreign))
                self.assertEqual(replica.admit()[0], 200)


class ValidatingTest(unittest.TestCase):
    NAMED = {"VALIDATING_WEBHOOK_CONFIGURATION_NAME": NAME}
    BROKEN = {"metadata": {"name": "kafka", "namespace": "shop",
                           "annotations": {"dapr.io/component-container": '{"name":"kafka"}'}},
              "spec": {"type": "pubsub.kafka", "version": "v1"}}

    def review_of(self, component):
        return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
                "request": {"uid": "u-1", "operation": "CREATE", "namespace": "shop",
                            "kind": {"group": "dapr.io", "version": "v1alpha1",
                                     "kind": "Component"},
                            "object": component}}

    def answer(self, replica, component):
        status, _, body = replica.admit("/validate-component", self.review_of(component))
        self.assertEqual(status, 200)
        return json.loads(body)["response"]

    def test_both_configurations_get_the_leaf(self):
        with FakeControlPlane(validating=configuration(webhook())) as cluster:
            with Replica(cluster, "injector-0", environment=self.NAMED) as replica:
                leaf = replica.shown()
                eventually(lambda: cluster.bundle("validating") == leaf, "the other has it too")
                self.assertEqual(cluster.bundle(), leaf)
                self.assertEqual(self.answer(replica, self.BROKEN), {
                    "uid": "u-1", "allowed": True,
                    "auditAnnotations": {"decision": "component/no-image"},
                    "warnings": ["component kafka: /image: the container has no image"]})
            self.assertEqual(cluster.bundle("validating"), "")

    def test_missing_validating_configuration_holds_nothing_up(self):
        with FakeControlPlane() as cluster:
            with Replica(cluster, "injector-0", environment=self.NAMED) as replica:
                eventually(lambda: b"[note]      validating-webhook-configuration: caBundle cannot"
                           in replica.get("health", "/readyz")[2], "it is told")
                self.assertEqual(replica.get("health", "/readyz")[0], 200)

    def test_unusable_component_can_be_refused(self):
        with FakeControlPlane() as cluster:
            with Replica(cluster, "injector-0", "--component-validation", "deny") as replica:
                response = self.answer(replica, self.BROKEN)
                self.assertFalse(response["allowed"])
                self.assertIn("component/no-image", response["status"]["message"])
                self.assertEqual(replica.metric(
                    'component_injector_component_reviews_total{outcome="denied"}'), 1)


class StopTest(unittest.TestCase):
    def test_draining_replica_still_answers_and_then_withdraws(self):
        with FakeControlPlane() as cluster:
            with Replica(cluster, "injector-0", "--drain-time", "3s") as replica:
                replica.signal(signal.SIGTERM)
                replica.await_line("SIGTERM received")
                eventually(lambda: not replica.is_ready(), "readiness fails")
                status, headers, _ = replica.admit()
                self.assertEqual(status, 200)
                self.assertEqual(headers["Connection"], "close")
                self.assertEqual(replica.get("health", "/livez")[0], 200)
                self.assertEqual(len(cluster.leaves()), 1)
                self.assertEqual(replica.wait(), 0)
                self.assertEqual(cluster.bundle(), "")

    def test_second_signal_ends_at_once(self):
        with FakeControlPlane() as cluster:
            with Replica(cluster, "injector-0", "--drain-time", "60s") as replica:
                replica.ends_with = 1
                replica.signal(signal.SIGTERM)
                replica.await_line("SIGTERM received")
                replica.signal(signal.SIGTERM)
                begin = time.monotonic()
                self.assertEqual(replica.wait(), 1)
                self.assertLess(time.monotonic() - begin, 30)

    def test_call_that_hangs_does_not_hold_up_the_stop(self):
        with FakeControlPlane() as cluster:
            with Replica(cluster, "injector-0") as replica:
                cluster.hangs = True
                cluster.set_bundle("")  # is seen, and would be written again
                eventually(lambda: cluster.hanging > 0, "a call hangs")
                begin = time.monotonic()
                self.assertEqual(replica.stop(), 0)
                # 5 s for that call and the last ones; a call may take 10 s.
                self.assertLess(time.monotonic() - begin, 8)
                self.assertIn("our certificate stays in the caBundle until it expires",
                              replica.output())

    def test_stop_without_an_api_server_does_not_hang(self):
        with FakeControlPlane() as cluster:
            replica = Replica(cluster, "injector-0")
        with replica:
            begin = time.monotonic()
            self.assertEqual(replica.stop(), 0)
            self.assertLess(time.monotonic() - begin, 40)
            self.assertIn("our certificate stays in the caBundle until it expires",
                          replica.output())


if __name__ == "__main__":
    unittest.main()
