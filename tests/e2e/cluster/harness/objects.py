"""Objects of the tests' clusters, and what controllers would make of them."""

import json
import pathlib
import subprocess

from .api import ApiError
from .process import wait_for

DAPR_API = "/apis/dapr.io/v1alpha1"
RESOURCE_TYPES = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CALLER = "system:serviceaccount:kube-system:replicaset-controller"


def pods(namespace):
    return f"/api/v1/namespaces/{namespace}/pods"


def take_pods(admin, namespace):
    """Deletes the namespace's pods and yields them."""
    while items := admin.delete(pods(namespace), limit=500, gracePeriodSeconds=0)["items"]:
        yield from items


def components(namespace):
    return f"{DAPR_API}/namespaces/{namespace}/components"


def make_namespace(admin, name, labels=None):
    """A namespace with the ServiceAccount and the certificates that controllers would add. One
    that is there already is completed."""
    create_once(admin, "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels or {}}})
    account = {"metadata": {"name": "default"}}
    create_once(admin, f"/api/v1/namespaces/{name}/serviceaccounts", account)
    roots = {
        "metadata": {"name": "kube-root-ca.crt"},
        "data": {"ca.crt": pathlib.Path(admin.authority).read_text(encoding="ascii")},
    }
    create_once(admin, f"/api/v1/namespaces/{name}/configmaps", roots)


def create_once(admin, path, value):
    """Creates what may be there already."""
    try:
        admin.create(path, value)
    except ApiError as error:
        if error.status != 409:
            raise


def dapr_source(module):
    """The folder of Dapr's own sources, of the version that the Go module at `module` pins."""
    command = ["go", "mod", "download", "-json", "github.com/dapr/dapr"]
    done = subprocess.run(command, cwd=module, capture_output=True, text=True, check=True)
    return pathlib.Path(json.loads(done.stdout)["Dir"])


def install_crds(admin, folder):
    """Creates Dapr's resource types, those that are missing, and waits until the API server serves
    Components."""
    for path in sorted(pathlib.Path(folder).glob("*.yaml")):
        try:
            admin.call("POST", RESOURCE_TYPES, path.read_bytes(), "application/yaml")
        except ApiError as error:
            if error.status != 409:
                raise

    def served():
        try:
            admin.get(components("default"))
            return admin.get(f"{DAPR_API}/namespaces/default/configurations")
        except ApiError as error:
            if error.status not in (404, 429):  # 429: its storage is still being prepared
                raise
            return None

    wait_for("Components are served", served)


def component(name, container=None, scopes=None, kind="state.example", annotations=None):
    """A Component; `container` is the value of its container annotation, None: it has none."""
    value = {
        "apiVersion": "dapr.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": name, "annotations": dict(annotations or {})},
        "spec": {"type": kind, "version": "v1", "metadata": []},
    }
    if container is not None:
        value["metadata"]["annotations"]["dapr.io/component-container"] = json.dumps(container)
    if scopes is not None:
        value["scopes"] = scopes
    return value


def image_of(name):
    return {"name": name, "image": f"registry.example.com/{name}:1"}


def pod(name, app_id=None, inject=True, annotations=None):
    """A pod of one container that asks for its sidecar, and for Components with `inject`."""
    wanted = {"dapr.io/enabled": "true", "dapr.io/app-id": app_id or name}
    if inject:
        wanted["dapr.io/inject-pluggable-components"] = "true"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "labels": {"app": app_id or name},
            "annotations": {**wanted, **(annotations or {})},
        },
        "spec": {"containers": [{"name": "app", "image": "registry.example.com/app:1"}]},
    }
