"""AdmissionReviews for the system tests, each a change of a good one."""

import base64
import json

CONTROLLER = {"username": "system:serviceaccount:kube-system:replicaset-controller"}
STRANGER = {"username": "alice", "groups": ["system:authenticated"]}


def pod(annotations=None, **metadata):
    wanted = {"dapr.io/enabled": "true", "dapr.io/app-id": "orders"}
    wanted.update(annotations or {})
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "orders-1", "namespace": "shop",
                     "annotations": {k: v for k, v in wanted.items() if v is not None},
                     **metadata},
        "spec": {"containers": [{"name": "app", "image": "registry.example.com/app:1"}]},
    }


def review(pod_object=None, **changes):
    """`changes` replace members of the request; None takes one away."""
    request = {
        "uid": "7b0d6a58-1c1f-4c8e-8d67-0d4f0c3c2a11",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "namespace": "shop", "operation": "CREATE", "userInfo": CONTROLLER,
        "object": pod_object if pod_object is not None else pod(),
    }
    request.update(changes)
    request = {key: value for key, value in request.items() if value is not None}
    return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}


def patch_of(response):
    """The operations of a response, decoded."""
    return json.loads(base64.b64decode(response["patch"], validate=True))


def containers_added(response):
    """Names of the containers in the patch: an operation adds one, or a list with the first."""
    added = []
    for operation in patch_of(response):
        if operation["path"].startswith(("/spec/containers", "/spec/initContainers")):
            value = operation["value"]
            added += value if isinstance(value, list) else [value]
    return [container["name"] for container in added if "image" in container]
