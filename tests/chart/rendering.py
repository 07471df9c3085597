"""Renders the chart with helm, for the tests; $HELM is the program."""

import functools
import json
import os
import subprocess
import unittest

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHART = os.path.join(ROOT, "charts", "component-injector")
HELM = os.environ.get("HELM", "")
PEM = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"

if not HELM:
    raise SystemExit("HELM must name the program (tests/e2e/build_tool.sh helm prints it)")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def helm(*arguments, values=None):
    """Runs helm; values go through a file, as most people's do."""
    text = values if isinstance(values, str) else json.dumps(values or {})
    return subprocess.run([HELM, *arguments, "--values", "-"], input=text, capture_output=True,
                          text=True, timeout=60, check=False, cwd=ROOT)


@functools.lru_cache(maxsize=None)
def rendered(text, kubernetes, namespace, release):
    done = helm("template", release, CHART, "--namespace", namespace, "--kube-version", kubernetes,
                values=text)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


class ChartTest(unittest.TestCase):
    maxDiff = None

    def render(self, values=None, kubernetes="1.36.0", namespace="dapr-system",
               release="component-injector"):
        """The objects by kind and name; further ones of the same name by namespace as well."""
        text = values if isinstance(values, str) else json.dumps(values or {})
        objects = {}
        for item in yaml.safe_load_all(rendered(text, kubernetes, namespace, release)):
            if item is None:
                continue
            key = (item["kind"], item["metadata"]["name"])
            if key in objects:
                key += (item["metadata"].get("namespace"),)
            self.assertNotIn(key, objects, "rendered twice")
            objects[key] = item
        return objects

    def one(self, kind, values=None, name="component-injector", **options):
        objects = self.render(values, **options)
        self.assertIn((kind, name), objects)
        return objects[kind, name]

    def pod_spec(self, values=None, **options):
        return self.one("Deployment", values, **options)["spec"]["template"]["spec"]

    def container(self, values=None, **options):
        [container] = self.pod_spec(values, **options)["containers"]
        return container

    def webhook(self, values=None, kind="Mutating", **options):
        [webhook] = self.one(f"{kind}WebhookConfiguration", values, **options)["webhooks"]
        return webhook

    def environment(self, values=None, **options):
        return {item["name"]: item.get("value") for item in self.container(values, **options)["env"]}

    def refusal(self, values, kubernetes="1.36.0", namespace="dapr-system"):
        done = helm("template", "component-injector", CHART, "--namespace", namespace,
                    "--kube-version", kubernetes, values=values)
        self.assertNotEqual(done.returncode, 0, "nothing was refused")
        return done.stderr
