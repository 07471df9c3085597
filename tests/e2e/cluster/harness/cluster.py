"""The cluster that all tests of a run share: started at the first use, ended with the run."""

import atexit
import os
import pathlib
import shutil

from . import network, objects
from .control_plane import ControlPlane

ROOT = pathlib.Path(__file__).resolve().parents[4]
FULL = os.environ.get("CLUSTER_FULL") == "1"

_shared = None


class Cluster:
    """A control plane with Dapr's resource types, and the programs to run in it."""

    def __init__(self):
        self.folder = pathlib.Path(os.environ["CLUSTER_FOLDER"])
        self.folder.chmod(0o755)  # pods run as another user
        network.prepare()
        self.plane = ControlPlane(
            self.folder / "plane", os.environ["ETCD"], os.environ["KUBE_APISERVER"]
        )
        atexit.register(self.plane.close)
        self.admin = self.plane.admin
        self.controller = self.admin.impersonate(objects.CALLER)
        # A copy where the pods' user may run it.
        self.injector = shutil.copy(os.environ["INJECTOR"], self.folder / "injector")
        os.chmod(self.injector, 0o755)
        self.dapr = objects.dapr_source(ROOT / "tests/e2e/components/daprd")
        # The API server makes these a moment after it is ready.
        for name in ("default", "kube-system"):
            objects.make_namespace(self.admin, name)
        objects.install_crds(self.admin, self.dapr / "charts/dapr/crds")
        self._let_everybody_create_pods()

    def _let_everybody_create_pods(self):
        """The tests create pods in the name of whoever a case says."""
        rbac = "/apis/rbac.authorization.k8s.io/v1"
        group = "rbac.authorization.k8s.io"
        rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}
        role = {"metadata": {"name": "test-pods"}, "rules": [rule]}
        self.admin.create(f"{rbac}/clusterroles", role)
        binding = {
            "metadata": {"name": "test-pods"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "test-pods"},
            "subjects": [{"apiGroup": group, "kind": "Group", "name": "system:authenticated"}],
        }
        self.admin.create(f"{rbac}/clusterrolebindings", binding)


def shared():
    global _shared  # noqa: PLW0603 (one cluster for the run)
    if _shared is None:
        _shared = Cluster()
    return _shared
