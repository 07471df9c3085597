"""inject and explain with --from-cluster, against an API server that answers as it is told."""

import json
import os
import subprocess
import tempfile
import unittest

from connect_proxy import ConnectProxy
from fake_cluster import COMPONENTS, DAPRSYSTEM, FakeCluster, component, component_list, status
from webhook_process import BINARY, PATIENCE, make_certificate

SHOP = COMPONENTS.format("shop")
DAPR = DAPRSYSTEM.format("dapr-system")
CONFIGURATION = {"apiVersion": "dapr.io/v1alpha1", "kind": "Configuration",
                 "metadata": {"name": "daprsystem", "namespace": "dapr-system"},
                 "spec": {"mtls": {"enabled": False}}}


def deployment(namespace="shop", name="web"):
    return {"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
            "spec": {"template": {
                "metadata": {"annotations": {"dapr.io/enabled": "true", "dapr.io/app-id": name,
                                             "dapr.io/inject-pluggable-components": "true"}},
                "spec": {"containers": [{"name": "app", "image": "app:1"}]}}}}


def images(manifest):
    """The images of the component containers, wherever they are."""
    spec = manifest["spec"]["template"]["spec"]
    found = spec.get("initContainers", []) + spec["containers"]
    return sorted(c["image"] for c in found if c["image"].startswith("registry.example.com/"))


class ClusterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="injector-anchors-")
        cls.addClassCleanup(cls._folder.cleanup)
        make_certificate(cls._folder.name, "anchor")
        cls.anchors = os.path.join(cls._folder.name, "tls.crt")

    def run_with(self, *arguments, manifests=None, command="inject", environment=None):
        text = json.dumps({"apiVersion": "v1", "kind": "List",
                           "items": manifests or [deployment()]})
        return subprocess.run(
            [BINARY, command, "-f", "-", "-o", "json", *arguments], input=text,
            capture_output=True, text=True, timeout=PATIENCE, check=False,
            env={"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent",
                 "DAPR_TRUST_ANCHORS_FILE": self.anchors,
                 **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
                 **(environment or {})})

    def injected(self, cluster, *arguments, manifests=None, environment=None):
        done = self.run_with("--from-cluster", *arguments, manifests=manifests,
                             environment=environment or {"KUBECONFIG": cluster.kubeconfig})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["items"]

    def assert_refused(self, done, *parts):
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def cluster(self, answers=None):
        store = component_list(component("store", "registry.example.com/store:1"))
        return FakeCluster({SHOP: store, DAPR: CONFIGURATION, **(answers or {})})

    def test_components_and_mtls_come_from_the_cluster(self):
        with self.cluster() as cluster:
            [manifest] = self.injected(cluster)
            self.assertEqual(images(manifest), ["registry.example.com/store:1"])
            self.assertNotIn("--enable-mtls", json.dumps(manifest))
            self.assertEqual(cluster.paths(), ["/version", SHOP + "?limit=500", DAPR])
            self.assertEqual({token for _, token in cluster.requests}, {"Bearer secret"})

    def test_missing_daprsystem_is_told_and_mtls_is_on(self):
        with self.cluster({DAPR: status(404, "not found")}) as cluster:
            done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("--enable-mtls", done.stdout)
            self.assertIn("there is no Configuration daprsystem in dapr-system", done.stderr)

    def test_one_list_for_each_namespace_of_a_pod(self):
        answers = {COMPONENTS.format("bank"): component_list()}
        with self.cluster(answers) as cluster:
            self.injected(cluster, manifests=[deployment(), deployment("bank", "till"),
                                              deployment(None, "other"), deployment("shop", "x")])
            lists = [path for path in cluster.paths() if "/components" in path]
            self.assertEqual(lists, [COMPONENTS.format("bank") + "?limit=500",
                                     SHOP + "?limit=500"])

    def test_namespace_flag_wins_over_manifest_and_context(self):
        with self.cluster({COMPONENTS.format("bank"): component_list()}) as cluster:
            self.injected(cluster, "-n", "bank")
            self.assertIn(COMPONENTS.format("bank") + "?limit=500", cluster.paths())
            self.assertNotIn(SHOP + "?limit=500", cluster.paths())

    def test_pages_are_joined(self):
        one = component_list(component("one", "registry.example.com/one:1"), more="t")
        two = component_list(component("two", "registry.example.com/two:1"))
        with self.cluster({SHOP: one, SHOP + "?limit=500&continue=t": two}) as cluster:
            [manifest] = self.injected(cluster)
            self.assertEqual(images(manifest),
                             ["registry.example.com/one:1", "registry.example.com/two:1"])

    def test_component_of_the_input_replaces_that_of_the_cluster(self):
        for namespace in ({}, {"namespace": None}):
            with self.subTest(namespace), self.cluster() as cluster:
                newer = component("store", "registry.example.com/store:2", **namespace)
                manifest = self.injected(cluster, manifests=[deployment(), newer])[0]
                self.assertEqual(images(manifest), ["registry.example.com/store:2"])

    def test_placement_follows_the_servers_version(self):
        for minor, flags, where in (("36", (), "initContainers"), ("27", (), "containers"),
                                    ("27", ("--kubernetes-version", "1.36"), "initContainers")):
            answers = {"/version": {"major": "1", "minor": minor}}
            with self.subTest(minor=minor, flags=flags), self.cluster(answers) as cluster:
                [manifest] = self.injected(cluster, *flags)
                spec = manifest["spec"]["template"]["spec"]
                self.assertIn("registry.example.com/store:1", [c["image"] for c in spec[where]])
                self.assertEqual("/version" in cluster.paths(), not flags)

    def test_explain_asks_the_cluster_too(self):
        with self.cluster() as cluster:
            done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig,
                                 command="explain")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("store", done.stdout)
            self.assertEqual(json.loads(done.stdout)["pods"][0]["namespace"], "shop")

    def test_kubeconfig_in_the_home_is_found(self):
        with self.cluster() as cluster:
            os.mkdir(os.path.join(cluster.folder, ".kube"))
            cluster.write_kubeconfig(".kube/config",
                                     ca=os.path.join(cluster.folder, "tls.crt"))
            [manifest] = self.injected(cluster, environment={"HOME": cluster.folder})
            self.assertEqual(images(manifest), ["registry.example.com/store:1"])

    def test_no_kubeconfig_at_all_says_where_it_was_looked_for(self):
        self.assert_refused(self.run_with("--from-cluster"), "--kubeconfig", "KUBECONFIG",
                            "$HOME/.kube/config")

    def test_context_is_chosen_and_an_unknown_one_is_named(self):
        with self.cluster() as cluster:
            flags = ("--from-cluster", "--kubeconfig", cluster.kubeconfig, "--context")
            self.assert_refused(self.run_with(*flags, "elsewhere"),
                                "cluster https://127.0.0.1:1: GET /version: ")
            self.assert_refused(self.run_with(*flags, "typo"), cluster.kubeconfig,
                                'contexts: there is none named "typo"')
            self.assertEqual(cluster.requests, [])

    def test_proxy_of_the_kubeconfig_leads_to_the_cluster_and_sees_no_token(self):
        with self.cluster() as cluster, ConnectProxy() as proxy:
            path = cluster.write_kubeconfig("proxied", **{"proxy-url": proxy.url})
            [manifest] = self.injected(cluster, "--kubeconfig", path)
            self.assertEqual(images(manifest), ["registry.example.com/store:1"])
            self.assertEqual(set(proxy.targets), {cluster.url.removeprefix("https://")})
            self.assertNotIn(b"secret", proxy.passed)

    def test_kubeconfig_fault_names_file_and_field(self):
        with self.cluster() as cluster:
            path = cluster.write_kubeconfig("bad", **{"insecure-skip-tls-verify": True})
            self.assert_refused(self.run_with("--from-cluster", "--kubeconfig", path),
                                path + ": clusters[fake].cluster.insecure-skip-tls-verify: ")

    def test_forbidden_names_the_rule(self):
        for path, rule in (
                (SHOP, "Role in namespace shop, apiGroups [dapr.io], resources [components], "
                       "verbs [list]"),
                (DAPR, "Role in namespace dapr-system, apiGroups [dapr.io], resources "
                       "[configurations], resourceNames [daprsystem], verbs [get]"),
                ("/version", "ClusterRole, nonResourceURLs [/version], verbs [get]")):
            with self.subTest(path), self.cluster({path: status(403, "may not")}) as cluster:
                done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig)
                self.assert_refused(done, f"GET {path}: 403 may not", rule)

    def test_missing_definition_is_told(self):
        with self.cluster({SHOP: status(404, "no such resource")}) as cluster:
            done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig)
            self.assert_refused(done, "the custom resource definition is not installed")

    def test_credentials_that_are_not_accepted_are_told(self):
        with self.cluster({"/version": status(401, "Unauthorized")}) as cluster:
            done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig)
            self.assert_refused(done, "401 Unauthorized", "sign in again")
            self.assertNotIn("secret", done.stderr)

    def test_server_that_is_not_trusted_gets_no_token(self):
        with self.cluster() as cluster, tempfile.TemporaryDirectory() as folder:
            make_certificate(folder)
            path = cluster.write_kubeconfig("other", ca=os.path.join(folder, "tls.crt"))
            done = self.run_with("--from-cluster", "--kubeconfig", path)
            self.assert_refused(done, "certificate-authority")
            self.assertEqual(cluster.requests, [])

    def test_api_server_that_is_away_is_told_with_what_to_do(self):
        for command in ("inject", "explain"):
            with self.subTest(command), self.cluster() as cluster:
                done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig,
                                     "--context", "elsewhere", command=command)
                self.assert_refused(done, "cluster https://127.0.0.1:1: GET /version: ",
                                    "; start the cluster, or let this machine reach it: "
                                    "`kubectl version` asks the same")

    def test_cluster_that_is_broken_is_told_with_what_to_do(self):
        with self.cluster({"/version": status(500, "etcd is away")}) as cluster:
            done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig)
            self.assert_refused(done, "500 etcd is away; the cluster is busy or broken: try again")

    def test_answer_that_means_nothing_is_told(self):
        for path, answer in (("/version", {}), ("/version", {"minor": "x"}), (SHOP, {}),
                             (SHOP, component_list(5)), ("/version", [])):
            with self.subTest(path=path, answer=answer), self.cluster({path: answer}) as cluster:
                done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig)
                self.assert_refused(done, f"cluster {cluster.url}: ")

    def test_namespace_that_is_none_does_not_become_a_path(self):
        with self.cluster() as cluster:
            done = self.run_with("--from-cluster", "--kubeconfig", cluster.kubeconfig,
                                 manifests=[deployment("../../secrets")])
            self.assert_refused(done, "stdin:1: Deployment web: ", "no name of a namespace")
            self.assertEqual(cluster.paths(), ["/version"])

    def test_input_that_cannot_be_read_asks_nothing(self):
        with self.cluster() as cluster:
            done = self.run_with("-f", "/nonexistent", "--from-cluster", "--kubeconfig",
                                 cluster.kubeconfig)
            self.assert_refused(done, "/nonexistent")
            self.assertEqual(cluster.requests, [])

    def test_flags_that_do_not_go_together_are_usage(self):
        for flags in (("--kubeconfig", "x"), ("--context", "x"),
                      ("--from-cluster", "--resources", "x")):
            with self.subTest(flags):
                self.assert_refused(self.run_with(*flags), "--from-cluster")


if __name__ == "__main__":
    unittest.main()
