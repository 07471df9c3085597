"""Values that mean nothing or contradict one another are refused, by name."""

import json
import os
import shutil
import tempfile
import unittest

from rendering import CHART, PEM, ChartTest, helm


class SchemaTest(ChartTest):
    def test_unknown_key_is_named_with_the_nearest_one(self):
        for values, key, nearest in (
                ({"replcas": 3}, "replcas", "replicas"),
                ({"drain-seconds": 3}, "drain-seconds", "drainSeconds"),
                ({"Image": {}}, "Image", "image"),
                ({"namespace": "a"}, "namespace", "namespaces"),
                ({"image": {"tga": "1"}}, "image.tga", "image.tag"),
                ({"components": {"wait": {"timout": "1s"}}}, "components.wait.timout",
                 "components.wait.timeout"),
                ({"webhook": {"failPolicy": "Fail"}}, "webhook.failPolicy",
                 "webhook.failurePolicy"),
                ({"certificate": {"certManager": {"issuerRef": {"nmae": "x"}}}},
                 "certificate.certManager.issuerRef.nmae",
                 "certificate.certManager.issuerRef.name"),
                ({"networkPolicy": {"enable": True}}, "networkPolicy.enable",
                 "networkPolicy.enabled"),
                ({"metrics": {"serviceMonitor": {"label": {}}}}, "metrics.serviceMonitor.label",
                 "metrics.serviceMonitor.labels")):
            with self.subTest(key):
                self.assertIn(f"{key}: there is no such value; the nearest is {nearest}\n",
                              self.refusal(values) + "\n")

    def test_every_unknown_key_is_named(self):
        refusal = self.refusal({"replcas": 3, "image": {"tga": "1"}})
        self.assertIn("replcas: there is no such value", refusal)
        self.assertIn("image.tga: there is no such value", refusal)

    def test_value_that_means_nothing(self):
        for values, path in (
                ({"replicas": 0}, "/replicas"),
                ({"replicas": 33}, "/replicas"),
                ({"replicas": "two"}, "/replicas"),
                ({"componentValidation": "strict"}, "/componentValidation"),
                ({"components": {"wait": {"timeout": 300}}}, "/components/wait/timeout"),
                ({"components": {"wait": {"timeout": "0s"}}}, "/components/wait/timeout"),
                ({"components": {"wait": {"timeout": "86401s"}}}, "/components/wait/timeout"),
                ({"components": {"wait": {"timeout": "1441m"}}}, "/components/wait/timeout"),
                ({"components": {"wait": {"timeout": "25h"}}}, "/components/wait/timeout"),
                ({"components": {"wait": {"cpu": "1 core"}}}, "/components/wait/cpu"),
                ({"components": {"socketsFolder": "sockets"}}, "/components/socketsFolder"),
                ({"components": {"freshness": "live"}}, "/components/freshness"),
                ({"webhook": {"timeoutSeconds": 31}}, "/webhook/timeoutSeconds"),
                ({"webhook": {"excludedNamespaces": ["A"]}}, "/webhook/excludedNamespaces/0"),
                ({"namespaces": ["a", "a"]}, "/namespaces"),
                ({"namespaces": "shop"}, "/namespaces"),
                ({"allowedServiceAccounts": ["runner"]}, "/allowedServiceAccounts/0"),
                ({"certificate": {"source": "secret"}}, "/certificate/source"),
                ({"certificate": {"caBundle": "MAA="}}, "/certificate/caBundle"),
                ({"image": {"digest": "abc"}}, "/image/digest"),
                ({"image": {"repository": ""}}, "/image/repository"),
                ({"limits": {"maxBody": "8 MB"}}, "/limits/maxBody"),
                ({"log": {"level": "verbose"}}, "/log/level"),
                ({"ports": {"webhook": 65536}}, "/ports/webhook"),
                ({"extraArgs": ["port=1"]}, "/extraArgs/0"),
                ({"sidecar": {"ignoreEntrypointTolerations": [{"keey": "x"}]}},
                 "/sidecar/ignoreEntrypointTolerations/0"),
                ({"sidecar": {"ignoreEntrypointTolerations": [{"operator": "exists"}]}},
                 "/sidecar/ignoreEntrypointTolerations/0/operator"),
                ({"sidecar": {"actors": {"serviceAddress": "x"}}},
                 "/sidecar/actors/serviceAddress"),
                ({"controlPlane": {"trustAnchors": "x"}}, "/controlPlane/trustAnchors")):
            with self.subTest(path):
                self.assertIn(f"at '{path}'", self.refusal(values))

    def test_longest_and_shortest_wait(self):
        for time in ("1s", "86400s", "1440m", "24h"):
            container = self.container({"components": {"wait": {"timeout": time}}})
            self.assertIn(f"--wait-timeout={time}", container["args"])

    def test_parent_charts_may_share_values(self):
        self.render({"global": {"anything": 1}})

    def test_a_parent_chart_may_have_a_condition(self):
        with tempfile.TemporaryDirectory() as parent:
            shutil.copytree(CHART, os.path.join(parent, "charts", "component-injector"))
            with open(os.path.join(parent, "Chart.yaml"), "w", encoding="ascii") as file:
                json.dump({
                    "apiVersion": "v2", "name": "shop", "version": "1.0.0",
                    "dependencies": [{"name": "component-injector", "version": "*",
                                      "condition": "component-injector.enabled"}]}, file)
            for enabled in (True, False):
                done = helm("template", "shop", parent, "--namespace", "dapr-system",
                            values={"component-injector": {"enabled": enabled}})
                self.assertEqual(done.stderr, "")
                self.assertEqual("kind: Deployment" in done.stdout, enabled)


class ContradictionTest(ChartTest):
    def test_bundle_of_another_namespace_cannot_be_mounted(self):
        refusal = self.refusal({"controlPlane": {"namespace": "dapr-system"}}, namespace="injector")
        self.assertIn("controlPlane.trustAnchors: the control plane is in namespace dapr-system",
                      refusal)
        self.assertIn("--set-file controlPlane.trustAnchors=<(kubectl -n dapr-system get configmap "
                      "dapr-trust-bundle", refusal)

    def test_match_conditions_that_the_server_would_drop(self):
        values = {"webhook": {"matchConditions": "always"}}
        self.assertIn("webhook.matchConditions: this server is v1.26.9, which does not know them",
                      self.refusal(values, kubernetes="1.26.9"))

    def test_fail_without_match_conditions(self):
        values = {"webhook": {"failurePolicy": "Fail"}}
        self.assertIn("webhook.failurePolicy: Fail without matchConditions (this server is "
                      "v1.27.0", self.refusal(values, kubernetes="1.27.0"))
        values["webhook"]["matchConditions"] = "never"
        self.assertIn("webhook.matchConditions is never", self.refusal(values))

    def test_files_need_a_secret(self):
        self.assertIn("certificate.secretName: ",
                      self.refusal({"certificate": {"source": "files"}}))

    def test_bundle_is_for_files_only(self):
        for source, writer in (("own", "the injector itself"), ("cert-manager", "cert-manager")):
            refusal = self.refusal({"certificate": {"source": source, "caBundle": PEM}})
            self.assertIn(f"with {source} the bundle is written by {writer}", refusal)

    def test_issuer_needs_a_name(self):
        values = {"certificate": {"source": "cert-manager",
                                  "certManager": {"issuerRef": {"kind": "ClusterIssuer"}}}}
        self.assertIn("certificate.certManager.issuerRef.name: ", self.refusal(values))

    def test_namespace_that_is_never_served(self):
        for values in ({"namespaces": ["shop", "dapr-system"]},
                       {"namespaces": ["a", "shop"], "webhook": {"excludedNamespaces": ["a"]}}):
            self.assertRegex(self.refusal(values), "namespaces: (dapr-system|a) is never served")

    def test_metrics_are_scraped_once(self):
        values = {"metrics": {"serviceMonitor": {"enabled": True}, "podMonitor": {"enabled": True}}}
        self.assertIn("metrics.podMonitor.enabled: ", self.refusal(values))

    def test_reminders_need_an_address(self):
        self.assertIn("sidecar.reminders.serviceAddress: ",
                      self.refusal({"sidecar": {"reminders": {"serviceName": "x"}}}))

    def test_autoscaling_bounds(self):
        values = {"autoscaling": {"enabled": True, "minReplicas": 7}}
        self.assertIn("autoscaling.minReplicas: ", self.refusal(values))

    def test_port_that_is_taken(self):
        for ports, refused in (
                ({"webhook": 8080}, "ports.health: is 8080, which is ports.webhook"),
                ({"metrics": 4000}, "ports.metrics: is 4000, which is ports.webhook"),
                ({"health": 9090}, "ports.metrics: is 9090, which is ports.health")):
            self.assertIn(refused, self.refusal({"ports": ports}))

    def test_port_of_metrics_is_free_without_them(self):
        self.container({"ports": {"health": 9090}, "metrics": {"enabled": False}})

    def test_labels_that_are_there_already(self):
        for values, refused in (
                ({"commonLabels": {"app.kubernetes.io/name": "x"}},
                 "commonLabels: app.kubernetes.io/name is a label that the chart sets itself"),
                ({"commonLabels": {"helm.sh/chart": "x"}},
                 "commonLabels: helm.sh/chart is a label that the chart sets itself"),
                ({"podLabels": {"app.kubernetes.io/instance": "x"}},
                 "podLabels: app.kubernetes.io/instance is a label that the chart sets itself"),
                ({"commonLabels": {"team": "a"}, "podLabels": {"team": "b"}},
                 "podLabels: team is a label that the chart sets itself, or that commonLabels has")):
            self.assertIn(refused, self.refusal(values))

    def test_server_that_is_too_old(self):
        self.assertIn("requires kubeVersion: >=1.25.0-0",
                      self.refusal({}, kubernetes="1.24.0"))


if __name__ == "__main__":
    unittest.main()
