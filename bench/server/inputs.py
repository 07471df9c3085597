"""What is sent and what is injected: four kinds of reviews, and Components in two forms."""

import json

from fake_cluster import component
from reviews import pod, review

SMALL, LARGE = 10 << 10, 50 << 10
KINDS = {  # of reviews, in the order in which they are measured
    "not opted in": "a pod of 10 KB without annotations of Dapr",
    "daprd only": "a pod of 10 KB that gets its sidecar",
    "3 components": "the same, with 3 of the namespace's 10 Components",
    "50 KB pod": "a pod of 50 KB with 3 of 10 Components",
}


def body(kind):
    """The bytes of a review."""
    asks = {"dapr.io/inject-pluggable-components": "true"}
    if kind == "daprd only":
        asks = {}
    elif kind == "not opted in":
        asks = {"dapr.io/enabled": None, "dapr.io/app-id": None}
    value = review(pod(asks))
    container = value["request"]["object"]["spec"]["containers"][0]
    container["env"] = []
    wanted = LARGE if kind == "50 KB pod" else SMALL
    while True:
        text = json.dumps(value, separators=(",", ":"))
        if len(text) >= wanted:
            return text
        for _ in range(max(1, (wanted - len(text)) // 120)):
            number = len(container["env"])
            container["env"].append({
                "name": f"ORDERS_SETTING_{number}",
                "value": f"https://inventory.shop.svc.cluster.local:8443/v1/{number}/" + "x" * 24,
            })


def namespace_components(namespace, first=0):
    """Ten Components, three of them in the scope of the app that the pods run."""
    made = []
    for index in range(10):
        name = f"store-{first + index}"
        item = component(name, f"registry.example.com/{name}:1.4.2", namespace=namespace)
        item["spec"]["type"] = f"state.{name}"
        item["scopes"] = ["orders" if index < 3 else "billing"]
        made.append(item)
    return made


def manifests():
    """The ten of namespace shop, as a file of YAML documents (JSON is YAML)."""
    return "\n---\n".join(map(json.dumps, namespace_components("shop")))
