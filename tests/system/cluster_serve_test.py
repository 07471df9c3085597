"""serve with a cluster as the source, against an API server that lives, lags and fails."""

import json
import os
import subprocess
import threading
import unittest

from fake_cluster import DAPRSYSTEM, status
from living_cluster import Gate, LivingCluster, cut, nonsense, refuse
from reviews import STRANGER, containers_added, patch_of, pod, review
from webhook_process import BINARY, PATIENCE, WebhookProcess, eventually

ASKS = {"dapr.io/inject-pluggable-components": "true"}
REQUIRE = "component-injector.dapr.io/require"
RULE = "{apiGroups: [dapr.io], resources: [components], verbs: [get, list, watch]}"


def asking(namespace="shop", **annotations):
    wanted = pod({**ASKS, **annotations}, namespace=namespace)
    return review(wanted, namespace=namespace)


class ClusterServe(unittest.TestCase):
    def injected(self, webhook, namespace="shop", **annotations):
        """The Components that a pod gets."""
        response = webhook.review(asking(namespace, **annotations))
        self.assertTrue(response["allowed"], response)
        return sorted(entry["component"] for entry in json.loads(
            response["auditAnnotations"]["components"])["injected"])

    def denied(self, webhook, namespace="shop", **annotations):
        """Why a pod is refused."""
        response = webhook.review(asking(namespace, **annotations))
        self.assertFalse(response["allowed"], response)
        return response["status"]["message"]

    def becomes(self, webhook, names, namespace="shop"):
        eventually(lambda: self.injected(webhook, namespace) == names, f"{names} are injected")

    def readyz(self, webhook):
        return webhook.get("health", "/readyz")[2].decode()

    def watching(self, cluster):
        eventually(lambda: cluster.watches() == 1, "the watch is open")


class SteadyTest(ClusterServe):
    def test_components_are_in_memory_and_admissions_call_nobody(self):
        with LivingCluster() as cluster:
            for name in ("one", "two"):
                cluster.put(name)
            with WebhookProcess(cluster=cluster) as webhook:
                self.watching(cluster)
                self.becomes(webhook, ["one", "two"])
                before = list(cluster.paths())
                for _ in range(100):
                    self.assertEqual(self.injected(webhook), ["one", "two"])
                self.assertEqual(cluster.paths(), before)
                self.assertEqual(webhook.metric("component_injector_cache_components"), 2)
                self.assertEqual(webhook.metric(
                    'component_injector_api_requests_total'
                    '{code="200",resource="components",verb="watch"}'), 1)
                self.assertEqual(webhook.metric(
                    'component_injector_api_requests_total'
                    '{code="200",resource="components",verb="list"}'), 1)
                report = self.readyz(webhook)
                self.assertIn("[ok]        components\n", report)
                self.assertIn("[ok]        control-plane\n", report)

    def test_changes_are_seen(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            cluster.put("one")
            self.becomes(webhook, ["one"])
            cluster.put("two")
            self.becomes(webhook, ["one", "two"])
            cluster.remove("one")
            self.becomes(webhook, ["two"])

    def test_server_with_watch_list_is_not_listed(self):
        with LivingCluster(watch_list=True) as cluster:
            cluster.put("one")
            with WebhookProcess(cluster=cluster) as webhook:
                webhook.await_line("components: 1 Component read")
                self.becomes(webhook, ["one"])
                self.assertEqual(cluster.count("list"), 0)

    def test_large_cluster_comes_in_pages(self):
        with LivingCluster() as cluster:
            for number in range(1001):
                cluster.put(f"c{number}", f"ns-{number % 100}")
            with WebhookProcess(cluster=cluster) as webhook:
                self.assertEqual(webhook.metric("component_injector_cache_components"), 1001)
                self.assertEqual(cluster.count("list"), 21)

    def test_mtls_and_version_come_from_the_cluster(self):
        off = {"spec": {"mtls": {"enabled": False}}}
        for answers, mtls, where in (
                ({DAPRSYSTEM.format("dapr-system"): off}, False, "/spec/initContainers"),
                ({"/version": {"major": "1", "minor": "29"}}, True, "/spec/containers"),
                ({"/version": status(403, "may not")}, True, "/spec/containers")):
            with self.subTest(answers), LivingCluster(answers) as cluster:
                cluster.put("one")
                with WebhookProcess(cluster=cluster) as webhook:
                    patch = patch_of(webhook.review(asking()))
                    self.assertEqual("--enable-mtls" in json.dumps(patch), mtls)
                    places = [operation["path"] for operation in patch
                              if "registry.example.com/one:1" in json.dumps(operation["value"])
                              and operation["path"].startswith("/spec/")]
                    self.assertTrue(places[0].startswith(where), places)

    def test_uid_of_an_allowed_account_may_have_sidecars(self):
        account = "/api/v1/namespaces/kube-system/serviceaccounts/job-controller"
        with LivingCluster({account: {"metadata": {"uid": "u-1"}}}) as cluster, \
                WebhookProcess(cluster=cluster) as webhook:
            self.assertNotIn("patch", webhook.review(review(userInfo=STRANGER)))
            known = {**STRANGER, "uid": "u-1"}
            eventually(lambda: "patch" in webhook.review(review(userInfo=known)),
                       "the account's uid is known")

    def test_namespaces_have_a_watch_each_and_others_are_denied(self):
        with LivingCluster() as cluster:
            cluster.put("one")
            cluster.put("two", "bank")
            with WebhookProcess("--namespaces", "shop,bank", cluster=cluster) as webhook:
                eventually(lambda: cluster.watches() == 2, "both are watched")
                self.assertEqual(self.injected(webhook), ["one"])
                self.assertEqual(self.injected(webhook, "bank"), ["two"])
                self.assertIn("add it to --namespaces", self.denied(webhook, "garden"))
                self.assertEqual(cluster.count("list"), 0)
                self.assertIn("[ok]        components of bank\n", self.readyz(webhook))


class ControlPlaneTest(ClusterServe):
    OTHER = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/dapr-sidecar-injector"
    NAMED = {"WEBHOOK_CONFIGURATION_NAME": "component-injector"}

    def test_daprs_own_injector_beside_this_one_is_told_and_holds_nothing_up(self):
        with LivingCluster({self.OTHER: {"metadata": {"name": "dapr-sidecar-injector"}}}) as cluster, \
                WebhookProcess(cluster=cluster, environment=self.NAMED) as webhook:
            line = webhook.await_line("level=warning .*Dapr's own injector is still.*").group(0)
            self.assertIn("dapr_sidecar_injector.enabled=false", line)
            code, _, report = webhook.get("health", "/readyz")
            self.assertEqual(code, 200)
            self.assertIn("[note]      other-injector: Dapr's own injector is still installed",
                          report.decode())

    def test_where_it_is_in_its_place_nobody_looks(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            self.watching(cluster)
            self.assertIn("ready", self.readyz(webhook))
            self.assertNotIn(self.OTHER, cluster.paths())

    def test_namespace_without_a_control_plane_is_told(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            webhook.await_line("level=warning .*no Dapr control plane in namespace dapr-system:.*"
                               "NAMESPACE .the chart's controlPlane.namespace.")


class WatchTest(ClusterServe):
    def test_watch_that_the_server_ends_goes_on_from_its_version(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            self.watching(cluster)
            cluster.put("one")
            self.becomes(webhook, ["one"])
            cluster.end_watches("end")
            eventually(lambda: cluster.count("watch") >= 3, "a new watch")
            cluster.put("two")
            self.becomes(webhook, ["one", "two"])
            self.assertEqual(cluster.count("list"), 1)

    def test_watch_that_breaks_is_told_and_goes_on(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            cluster.put("one")
            self.becomes(webhook, ["one"])
            cluster.end_watches("cut")
            webhook.await_line("level=warning .*components: GET .*the last picture stays")
            webhook.await_line("components: recovered, watching again: 1 Component")
            cluster.put("two")
            self.becomes(webhook, ["one", "two"])
            self.assertEqual(cluster.count("list"), 1)
            self.assertEqual(webhook.metric("component_injector_cache_errors_total"), 1)

    def test_expired_watch_is_listed_again(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            cluster.put("one")
            self.becomes(webhook, ["one"])
            cluster.put_unseen("two")
            cluster.expire()
            webhook.await_line("components: GET .*410 too old resource version")
            webhook.await_line("components: listing again")
            webhook.await_line("components: 2 Components read again")
            self.becomes(webhook, ["one", "two"])
            self.assertEqual(webhook.metric("component_injector_cache_relists_total"), 2)

    def test_line_that_is_no_event_is_told_and_the_watch_goes_on(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            cluster.put("one")
            self.becomes(webhook, ["one"])
            for line in (b"<html>\n", b"[]\n", b'{"type": 5}\n'):
                eventually(cluster.watches, "the watch is open")
                cluster.send(line)
                webhook.await_line("a line is no watch event")
            cluster.put("two")
            self.becomes(webhook, ["one", "two"])

    def test_refused_watch_is_list_only_and_said_once(self):
        with LivingCluster() as cluster:
            cluster.put("one")
            cluster.faults["watch"] = refuse(403, "cannot watch")
            with WebhookProcess(cluster=cluster) as webhook:
                line = webhook.await_line("level=warning .*lacks the verb watch.*").group(0)
                self.assertIn(RULE, line)
                self.assertEqual(self.injected(webhook), ["one"])
                cluster.put("two")
                self.becomes(webhook, ["one", "two"])
                self.assertEqual(webhook.output().count("lacks the verb watch"), 1)
                self.assertEqual(webhook.get("health", "/healthz")[0], 200)
                self.assertIn("[note]      components: ", self.readyz(webhook))

    def test_list_only_cached_shares_its_lists(self):
        with LivingCluster() as cluster:
            cluster.put("one")
            cluster.faults["watch"] = refuse(403, "cannot watch")
            with WebhookProcess("--component-freshness", "cached", cluster=cluster) as webhook:
                webhook.await_line("lacks the verb watch")
                for _ in range(20):
                    self.assertEqual(self.injected(webhook), ["one"])
                self.assertEqual(cluster.count("list", "shop"), 1)


class RefusedListTest(ClusterServe):
    def test_forbidden_list_denies_who_asks_until_it_is_allowed(self):
        with LivingCluster() as cluster:
            cluster.put("one")
            for verb in ("list", "watch", "live"):
                cluster.faults[verb] = refuse(403, "cannot list")
            with WebhookProcess(cluster=cluster) as webhook:
                line = webhook.await_line("level=error .*lacks the verb list.*").group(0)
                self.assertIn(RULE, line)
                self.assertEqual(webhook.get("health", "/healthz")[0], 200)
                self.assertIn("403 cannot list", self.readyz(webhook))
                self.assertIn(RULE, self.denied(webhook))
                self.assertIn("daprd", containers_added(webhook.review(review())))
                cluster.faults.clear()
                webhook.await_line("components: 1 Component read")
                self.assertEqual(self.injected(webhook), ["one"])

    def test_missing_definition_denies_who_asks_until_it_is_there(self):
        with LivingCluster() as cluster:
            for verb in ("list", "watch", "live"):
                cluster.faults[verb] = refuse(404, "no such resource")
            with WebhookProcess(cluster=cluster) as webhook:
                webhook.await_line("components.dapr.io is not installed: install Dapr")
                self.assertIn("is not installed", self.denied(webhook))
                cluster.faults.clear()
                cluster.put("one")
                self.becomes(webhook, ["one"])

    def test_list_forbidden_in_mid_flight_is_told_and_recovers(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            cluster.put("one")
            self.becomes(webhook, ["one"])
            cluster.faults["list"] = refuse(403, "cannot list")
            cluster.expire()
            webhook.await_line("level=error .*lacks the verb list")
            self.assertEqual(self.injected(webhook), ["one"])
            cluster.faults.clear()
            webhook.await_line("1 Component read again")


class TroubleTest(ClusterServe):
    def test_overload_at_first_is_waited_out(self):
        with LivingCluster() as cluster:
            cluster.put("one")
            cluster.faults["list"] = refuse(429, "storage is (re)initializing", Retry_After="1")
            with WebhookProcess(cluster=cluster, wait_ready=False) as webhook:
                webhook.await_line("429 storage is .re.initializing")
                self.assertEqual(webhook.get("health", "/healthz")[0], 503)
                self.assertIn("[not ready] components\n", self.readyz(webhook))
                cluster.faults.clear()
                webhook.await_line('msg="ready"')
                self.assertEqual(self.injected(webhook), ["one"])

    def test_answer_that_is_no_list_is_told_and_tried_again(self):
        with LivingCluster() as cluster:
            cluster.faults["list"] = nonsense
            with WebhookProcess(cluster=cluster, wait_ready=False) as webhook:
                webhook.await_line("the answer is no JSON object")
                cluster.faults.clear()
                webhook.await_line('msg="ready"')

    def test_live_list_is_tried_again_while_there_is_time(self):
        for fault in (refuse(504, "timeout"), refuse(429, "busy", Retry_After="0"), cut):
            with self.subTest(fault), LivingCluster() as cluster:
                tries = []

                def first_two(handler, fault=fault, tries=tries, cluster=cluster):
                    tries.append(1)
                    if len(tries) == 2:
                        del cluster.faults["live"]
                    fault(handler)

                cluster.faults["live"] = first_two
                with WebhookProcess(cluster=cluster) as webhook:
                    self.watching(cluster)
                    cluster.put_unseen("one")
                    self.assertEqual(self.injected(webhook), ["one"])
                    self.assertGreaterEqual(len(tries), 2)
                    self.assertEqual(webhook.metric(
                        'component_injector_live_lists_total{result="success"}'), 1)

    def test_slow_server_is_not_waited_for_beyond_the_time_limit(self):
        with LivingCluster() as cluster:
            gate = Gate(cluster)
            cluster.faults["live"] = gate
            with WebhookProcess(cluster=cluster) as webhook:
                status_code, _, body = webhook.ask(
                    "POST", "/mutate?timeout=2s", json.dumps(asking()),
                    {"Content-Type": "application/json"})
                gate.let_go()
                self.assertEqual(status_code, 200)
                self.assertFalse(json.loads(body)["response"]["allowed"])
                self.assertEqual(webhook.metric(
                    'component_injector_live_lists_total{result="failure"}'), 1)

    def test_server_away_and_back(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            cluster.put("one")
            self.becomes(webhook, ["one"])
            port = int(cluster.url.rsplit(":", 1)[1])
            cluster.stop()
            webhook.await_line("level=warning .*components: GET .*the last picture stays")
            quick = ("POST", "/mutate?timeout=2s")
            headers = {"Content-Type": "application/json"}
            served = json.loads(webhook.ask(*quick, json.dumps(asking()), headers)[2])["response"]
            self.assertIn("registry.example.com/one:1", json.dumps(patch_of(served)))
            self.assertTrue(any("may be out of date" in warning or "pod/components-doubtful" in
                                warning for warning in served["warnings"]), served["warnings"])
            self.assertEqual(webhook.metric("component_injector_served_stale_total"), 1)
            required = json.dumps(asking(**{REQUIRE: "one"}))
            refused = json.loads(webhook.ask(*quick, required, headers)[2])["response"]
            self.assertFalse(refused["allowed"])
            self.assertEqual(webhook.get("health", "/healthz")[0], 200)
            cluster.put("two")
            cluster.start(port)
            webhook.await_line("components: recovered")
            self.becomes(webhook, ["one", "two"])


class FreshnessTest(ClusterServe):
    def test_empty_namespace_is_looked_at_live(self):
        with LivingCluster() as cluster, WebhookProcess(cluster=cluster) as webhook:
            self.watching(cluster)
            cluster.put_unseen("new", "bank")
            self.assertEqual(self.injected(webhook, "bank"), ["new"])
            self.assertEqual(cluster.count("list", "bank"), 1)

    def test_required_component_is_looked_for_live(self):
        with LivingCluster() as cluster:
            cluster.put("one")
            with WebhookProcess(cluster=cluster) as webhook:
                self.watching(cluster)
                cluster.put_unseen("new")
                self.assertEqual(self.injected(webhook, **{REQUIRE: "new"}), ["new", "one"])
                self.assertIn("missing", self.denied(webhook, **{REQUIRE: "missing"}))

    def test_cached_is_never_live(self):
        with LivingCluster() as cluster, \
                WebhookProcess("--component-freshness", "cached", cluster=cluster) as webhook:
            self.assertEqual(self.injected(webhook, "bank"), [])
            self.assertIn("missing", self.denied(webhook, **{REQUIRE: "missing"}))
            self.assertEqual(cluster.count("list", "bank"), 0)
            self.assertEqual(cluster.count("list", "shop"), 0)

    def test_strict_shares_no_list_that_began_before(self):
        with LivingCluster() as cluster, \
                WebhookProcess("--component-freshness", "strict", cluster=cluster) as webhook:
            self.watching(cluster)
            gate = Gate(cluster)
            cluster.faults["live"] = gate
            seen = {}

            def ask(key):
                seen[key] = self.injected(webhook)

            threads = [threading.Thread(target=ask, args=(0,))]
            threads[0].start()
            eventually(lambda: gate.count() == 1, "the first list began")
            cluster.put("new")
            for key in range(1, 9):
                threads.append(threading.Thread(target=ask, args=(key,)))
                threads[-1].start()
            eventually(lambda: webhook.metric(
                "dapr_injector_sidecar_injection_requests_total") == 9, "all have come")
            gate.let_go()
            for thread in threads:
                thread.join(PATIENCE)
            self.assertEqual(seen, {0: [], **{key: ["new"] for key in range(1, 9)}})
            self.assertLess(gate.count(), 9)


class StartTest(ClusterServe):
    def serve(self, *flags, **environment):
        return subprocess.run(
            [BINARY, "serve", "--serving-certificate", "ephemeral", "--port", "0",
             "--healthz-port", "0", "--metrics-port", "0", *flags],
            capture_output=True, text=True, timeout=PATIENCE, check=False,
            env={"PATH": os.environ.get("PATH", ""), "SIDECAR_IMAGE": "daprd:1",
                 "NAMESPACE": "dapr-system",
                 "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK": "true",
                 **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
                 **environment})

    def assert_fatal(self, done, *parts):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        fatal = [line for line in done.stdout.splitlines() if "level=fatal" in line]
        self.assertEqual(len(fatal), 1, done.stdout)
        for part in parts:
            self.assertIn(part, fatal[0])

    def test_no_cluster_at_all_is_fatal(self):
        self.assert_fatal(self.serve(), "no pod of a cluster", "--kubeconfig", "--resources")

    def test_kubeconfig_that_is_not_there_is_named(self):
        self.assert_fatal(self.serve("--kubeconfig", "/nonexistent/config"),
                          "/nonexistent/config")

    def test_kubeconfig_fault_names_file_and_field(self):
        with LivingCluster() as cluster:
            path = cluster.write_kubeconfig("bad", **{"insecure-skip-tls-verify": True})
            self.assert_fatal(self.serve("--kubeconfig", path), path,
                              "clusters[fake].cluster.insecure-skip-tls-verify")

    def test_root_is_refused_in_a_cluster_only(self):
        if os.geteuid() != 0:
            return  # nothing to refuse
        with LivingCluster() as cluster:
            done = self.serve("--kubeconfig", cluster.kubeconfig,
                              DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK="yes")
            self.assert_fatal(done, "user id 0", "DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK=true")

    def test_server_that_says_nothing_does_not_hold_up_the_stop(self):
        with LivingCluster() as cluster:
            release = threading.Event()
            cluster.faults["list"] = lambda handler: release.wait(PATIENCE)
            cluster.faults["watch"] = refuse(422, "no WatchList here")
            with WebhookProcess(cluster=cluster, wait_ready=False) as webhook:
                eventually(lambda: cluster.count("list") == 1, "the list has begun")
                webhook.port("webhook")
                self.assertEqual(webhook.stop(), 0)
            release.set()


if __name__ == "__main__":
    unittest.main()
