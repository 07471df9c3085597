#!/usr/bin/env python3
"""Writes first inputs for the fuzz targets, made of the repository's own fixtures and examples.

Usage: make_seeds.py FOLDER     (one folder for each target is made in it)
"""
import glob
import hashlib
import json
import os
import sys

import yaml

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FIXTURES = os.path.join(REPOSITORY, "tests", "fixtures")

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: dev
preferences: {}
contexts:
- {name: dev, context: {cluster: one, user: me, namespace: shop}}
- {name: prod, context: {cluster: two, user: robot}}
clusters:
- name: one
  cluster:
    server: https://127.0.0.1:6443/
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t
    tls-server-name: kubernetes
    insecure-skip-tls-verify: false
- {name: two, cluster: {server: "https://[::1]:6443", proxy-url: "http://proxy:3128",
   certificate-authority: ca.crt}}
users:
- {name: me, user: {token: abc}}
- name: robot
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./plugin
      args: [token, "--cluster"]
      env: [{name: A, value: "1"}]
      interactiveMode: IfAvailable
      installHint: install it
      provideClusterInfo: false
- {name: cert, user: {client-certificate-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t, client-key: tls.key, tokenFile: token}}
"""

REQUESTS = [
    "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /mutate?timeout=10s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    "Content-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "POST /mutate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
    "POST /mutate HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nContent-Length: 300\r\n\r\n" + "a" * 300,
    "HEAD / HTTP/1.0\r\nAccept-Encoding: gzip, br\r\nRange: bytes=0-1\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "POST /%6dutate?a=1&timeout=1h HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    "Content-Length: 5\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n--x\r",
]

# How a connection behaves, call by call (tests/fuzz/connection_fuzz.cc).
SCRIPTS = [b"", bytes([1, 4] * 8), bytes([2, 4, 4, 1, 4, 4]), bytes([41, 252]),
           bytes([2, 2, 5, 0, 0, 2]), bytes([2, 248]), bytes([2, 0, 255])]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Seeds:
    def __init__(self, folder):
        self.folder = folder

    def add(self, target, text):
        data = text if isinstance(text, bytes) else text.encode()
        folder = os.path.join(self.folder, target)
        os.makedirs(folder, exist_ok=True)
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def add_component(seeds, component):
    annotations = (component.get("metadata") or {}).get("annotations") or {}
    container = annotations.get("dapr.io/component-container")
    if isinstance(container, str):
        seeds.add("container", container)


def add_case(seeds, folder):
    """A golden case: its review with its Components, and the parts of both."""
    paths = sorted(glob.glob(os.path.join(folder, "components", "*.yaml")))
    components = []
    for path in paths:
        seeds.add("manifest", read(path))
        try:
            components += [one for one in yaml.safe_load_all(read(path)) if isinstance(one, dict)]
        except yaml.YAMLError:
            continue
    for component in components:
        add_component(seeds, component)
    review = json.loads(read(os.path.join(folder, "review.json")))
    review["components"] = components
    seeds.add("review", compact(review))
    pod = (review.get("request") or {}).get("object")
    metadata = pod.get("metadata") if isinstance(pod, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if isinstance(annotations, dict):
        texts = {key: text for key, text in annotations.items() if isinstance(text, str)}
        seeds.add("annotations", compact(texts))
        for key, text in texts.items():
            if key.startswith("dapr.io/env"):
                seeds.add("annotations", text)
    if components:
        add_watch(seeds, components)


def add_watch(seeds, components):
    lines = [compact({"type": kind, "object": component})
             for component in components for kind in ("ADDED", "MODIFIED")]
    end = compact({"type": "BOOKMARK", "object": {"metadata": {
        "resourceVersion": "5", "annotations": {"k8s.io/initial-events-end": "true"}}}})
    gone = compact({"type": "DELETED", "object": components[0]})
    error = compact({"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "old"}})
    seeds.add("watch", "\n".join([*lines, end, "", gone, error, ""]))
    page = compact({"metadata": {"resourceVersion": "5", "continue": "t&k"}, "items": components})
    last = compact({"metadata": {"resourceVersion": "5"}, "items": components[:1]})
    seeds.add("watch", "\n".join(["422", "{}", "", page, "", last, "", gone, "", "403", ""]))


def main():
    seeds = Seeds(sys.argv[1])
    for case in sorted(glob.glob(os.path.join(FIXTURES, "*", "review.json"))):
        add_case(seeds, os.path.dirname(case))
    for path in glob.glob(os.path.join(REPOSITORY, "deploy", "**", "*.yaml"), recursive=True):
        seeds.add("manifest", read(path))
    seeds.add("kubeconfig", KUBECONFIG)
    seeds.add("kubeconfig", compact(yaml.safe_load(KUBECONFIG)))
    for request in REQUESTS:
        seeds.add("request", request)
        for script in SCRIPTS:
            seeds.add("connection", bytes([len(script), len(script)]) + script + request.encode())


if __name__ == "__main__":
    main()
