"""check: a running webhook is asked as the API server asks it."""

import base64
import json
import os
import subprocess
import unittest

from fake_cluster import FakeCluster, status
from webhook_process import BINARY, PATIENCE, SharedWebhookTest, make_certificate, read

CONFIGURATION = ("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/"
                 "component-injector")


class CheckTest(SharedWebhookTest):
    def run_check(self, *arguments):
        return subprocess.run(
            [BINARY, "check", *arguments], capture_output=True, text=True, timeout=PATIENCE,
            check=False, env={"PATH": os.environ.get("PATH", ""),
                              **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}})

    def url(self):
        return f"https://localhost:{self.webhook.port('webhook')}/mutate"

    def by_url(self, *arguments):
        return self.run_check("--url", self.url(), "--ca-file", self.webhook.certificate_file,
                              *arguments)

    def by_configuration(self, answer, *arguments):
        with FakeCluster({CONFIGURATION: answer}) as cluster:
            return self.run_check("--webhook", "component-injector", "--kubeconfig",
                                  cluster.kubeconfig, *arguments)

    def configuration(self, **client):
        bundle = base64.b64encode(read(self.webhook.certificate_file).encode()).decode()
        return {"kind": "MutatingWebhookConfiguration",
                "webhooks": [{"name": "pods.component-injector.dapr.io",
                              "clientConfig": {"caBundle": bundle, "url": self.url(), **client}}]}

    def test_each_review_is_answered_on_its_own_connection(self):
        before = self.webhook.metric("dapr_injector_sidecar_injection_requests_total")
        done = self.by_url("--times", "3")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 3)
        for number, line in enumerate(lines, 1):
            self.assertRegex(line, rf"^review {number} of 3: daprd is injected, after \d+ ms$")
        after = self.webhook.metric("dapr_injector_sidecar_injection_requests_total")
        self.assertEqual(after - before, 3)

    def test_url_and_certificates_of_the_webhook_configuration(self):
        done = self.by_configuration(self.configuration())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("review 1 of 1: daprd is injected", done.stdout)

    def test_service_of_the_webhook_configuration_becomes_its_name(self):
        answer = self.configuration()
        client = answer["webhooks"][0]["clientConfig"]
        del client["url"]
        client["service"] = {"name": "injector", "namespace": "nowhere", "path": "/mutate"}
        done = self.by_configuration(answer)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("review 1 of 1: https://injector.nowhere.svc:443/mutate: ", done.stderr)

    def test_components_of_the_namespace_are_looked_up(self):
        done = self.by_url("--namespace", "shop")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_certificate_that_the_bundle_lacks(self):
        with FakeCluster({}) as other:
            make_certificate(other.folder)
            done = self.run_check("--url", self.url(), "--ca-file",
                                  os.path.join(other.folder, "tls.crt"))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("certificate", done.stderr)

    def test_bundle_that_nobody_has_written_yet(self):
        done = self.by_configuration(self.configuration(caBundle=""))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("MutatingWebhookConfiguration component-injector has no caBundle: no replica "
                      "has published its certificate yet", done.stderr)

    def test_permission_that_is_missing(self):
        done = self.by_configuration(status(403, "forbidden"))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("resources [mutatingwebhookconfigurations], resourceNames "
                      "[component-injector], verbs [get]", done.stderr)

    def test_path_that_is_no_webhook(self):
        done = self.run_check("--url", self.url().replace("/mutate", "/healthz"), "--ca-file",
                              self.webhook.certificate_file)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("HTTP status 404: 404 page not found", done.stderr)

    def test_usage(self):
        for arguments, message in (
                ((), "either --webhook or --url is needed, and not both"),
                (("--webhook", "a", "--url", "https://b/"), "and not both"),
                (("--webhook", "a", "--ca-file", "b"), "--ca-file: needs --url"),
                (("--url", "https://b/", "--kubeconfig", "c"), "--kubeconfig: needs --webhook"),
                (("--webhook", "a/b"), "--webhook: expected the name of a "
                                       "MutatingWebhookConfiguration, found 'a/b'"),
                (("--url", "https://b/", "-n", "A"), "--namespace: expected the name"),
                (("--url", "http://b/"), "expected a URL such as https://HOST:PORT/mutate, found "
                                         "'http://b/'"),
                (("--url", "https://b/", "--tines", "2"), "did you mean --times?")):
            with self.subTest(arguments):
                done = self.run_check(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
