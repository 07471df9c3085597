"""What `helm test` runs."""

import copy
import itertools

import yaml

from . import objects
from .control_plane import API_PORT
from .kubelet import USER
from .network import API_ADDRESS, Sandbox
from .process import PATIENCE_SECONDS, Process
from .volumes import Volumes


class HelmTest:
    """The pod of `helm test`, run to its end; there is no DNS, so names come from a file."""

    _serial = itertools.count(1)

    def __init__(self, installation):
        self.cluster, self.namespace = installation.cluster, installation.namespace
        hooks = installation.release.template({}, "-s", "templates/tests/review.yaml")
        self.made = []
        for manifest in yaml.safe_load_all(hooks):
            if manifest["kind"] == "Pod":
                self.manifest = manifest
            else:
                self._create(manifest)
        service = f"/api/v1/namespaces/{self.namespace}/services/{installation.name}"
        address = self.cluster.admin.get(service)["spec"]["clusterIP"]
        self.hosts = f"127.0.0.1 localhost\n{address} {installation.name}.{self.namespace}.svc\n"

    def _create(self, manifest):
        group = "/api/v1" if manifest["apiVersion"] == "v1" else f"/apis/{manifest['apiVersion']}"
        space = manifest["metadata"].get("namespace")
        path = f"{group}{f'/namespaces/{space}' if space else ''}/{manifest['kind'].lower()}s"
        self.cluster.admin.create(path, manifest)
        self.made.append(f"{path}/{manifest['metadata']['name']}")

    def run(self):
        """Returns the exit code and what it said."""
        manifest = copy.deepcopy(self.manifest)
        manifest["metadata"]["name"] += f"-{next(self._serial)}"
        manifest["spec"]["nodeName"] = "node"
        pod = self.cluster.admin.create(objects.pods(self.namespace), manifest)
        self.made.append(f"{objects.pods(self.namespace)}/{pod['metadata']['name']}")
        folder = self.cluster.folder / "pods" / pod["metadata"]["name"]
        folder.mkdir(parents=True)
        container = pod["spec"]["containers"][0]
        sandbox = Sandbox(folder)
        try:
            Volumes(self.cluster.admin, pod, folder / "volumes").mount(sandbox, container)
            (folder / "hosts").write_text(self.hosts)
            sandbox.run("mount", "--bind", str(folder / "hosts"), "/etc/hosts")
            # Under the name that the container's command gives it.
            command = ["bash", "-c", 'program=$0; name=$1; shift; exec -a "$name" "$program" "$@"',
                       self.cluster.injector, *container["command"], *container["args"]]
            process = Process("check", sandbox.enter(
                "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command,
            ), folder, {
                "KUBERNETES_SERVICE_HOST": API_ADDRESS, "KUBERNETES_SERVICE_PORT": str(API_PORT),
            })  # fmt: skip
            code = process.process.wait(PATIENCE_SECONDS)
            return code, process.log()
        finally:
            sandbox.close()

    def close(self):
        for path in reversed(self.made):
            self.cluster.admin.delete(path, gracePeriodSeconds=0)
