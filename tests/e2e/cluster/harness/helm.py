"""Helm, as an administrator uses it."""

import json
import os

from .process import run


class Release:
    """One release of a chart in a namespace of its own."""

    def __init__(self, cluster, name, namespace, chart):
        self.cluster, self.name, self.namespace, self.chart = cluster, name, namespace, str(chart)
        self.installed = False

    def _helm(self, *arguments):
        folder = self.cluster.folder / "helm"
        return run(
            os.environ["HELM"], "--kubeconfig", str(self.cluster.plane.kubeconfig),
            "--namespace", self.namespace, *arguments,
            env={**os.environ, "HELM_CACHE_HOME": str(folder), "HELM_CONFIG_HOME": str(folder),
                 "HELM_DATA_HOME": str(folder)},
        )  # fmt: skip

    def _values(self, values):
        path = self.cluster.folder / f"values-{self.name}.yaml"
        path.write_text(json.dumps(values))
        return str(path)

    def install(self, values):
        notes = self._helm("install", self.name, self.chart, "--values", self._values(values))
        self.installed = True
        return notes

    def upgrade(self, values):
        return self._helm("upgrade", self.name, self.chart, "--values", self._values(values))

    def uninstall(self):
        self._helm("uninstall", self.name)
        self.installed = False

    def template(self, values, *arguments):
        return self._helm(
            "template", self.name, self.chart, "--values", self._values(values), *arguments
        )
