"""A FakeCluster that keeps webhook configurations as a real API server does, as far as the injector
uses it: PATCH by an empty JSON patch and by strategic merge, guarded by the resource version, and
WATCH of one object."""

import base64
import copy
import json
import re
import ssl
import threading
import time

from fake_cluster import FakeCluster, component_list, send_json, status

KINDS = {"mutating": "mutatingwebhookconfigurations", "validating": "validatingwebhookconfigurations"}
NAME = "dapr-sidecar-injector"
SERVICE = {"namespace": "dapr-system", "name": NAME}
SERVER_NAME = f"{NAME}.dapr-system.svc"
_PATH = re.compile(r"/apis/admissionregistration\.k8s\.io/v1/(\w+)(?:/([\w-]+))?(?:\?(.*))?$")
_COMPONENTS = "/apis/dapr.io/v1alpha1/components"


def configuration(*webhooks):
    return {"metadata": {"name": NAME}, "webhooks": list(webhooks)}


def webhook(name="sidecar-injector.dapr.io", service=None, bundle=""):
    client = {"service": service or SERVICE}
    if bundle:
        client["caBundle"] = base64.b64encode(bundle.encode()).decode()
    return {"name": name, "clientConfig": client, "sideEffects": "None"}


class FakeControlPlane(FakeCluster):
    """`forbidden` holds verbs on webhook configurations that RBAC does not grant; `conflicts` is how
    many of the next writes find that somebody else was faster; while `hangs` no PATCH is answered."""

    def __init__(self, answers=None, mutating=None, validating=None, forbidden=()):
        super().__init__({_COMPONENTS: component_list(), **(answers or {})})
        self.forbidden = set(forbidden)
        self.conflicts = 0
        self.hangs = False
        self.hanging = 0  # calls that hung
        self.writes = 0
        self._ended = False
        self._version = 100
        self._changed = threading.Condition()
        self._objects = {}
        self.put("mutating", mutating or configuration(webhook()))
        if validating:
            self.put("validating", validating)

    # What somebody with kubectl does and sees.
    def put(self, kind, value):
        with self._changed:
            self._objects[KINDS[kind]] = copy.deepcopy(value)
            self._stamp(self._objects[KINDS[kind]])

    def set_bundle(self, pem, kind="mutating", index=0):
        with self._changed:
            client = self._objects[KINDS[kind]]["webhooks"][index]["clientConfig"]
            client["caBundle"] = base64.b64encode(pem.encode()).decode()
            self._stamp(self._objects[KINDS[kind]])

    def bundle(self, kind="mutating", index=0):
        with self._changed:
            client = self._objects[KINDS[kind]]["webhooks"][index]["clientConfig"]
            return base64.b64decode(client.get("caBundle", "")).decode()

    def leaves(self, kind="mutating"):
        """The certificates of the bundle."""
        return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n",
                          self.bundle(kind), re.S)

    def trust(self):
        """A TLS context as the API server makes it from the bundle of this moment."""
        context = ssl.create_default_context()
        for leaf in self.leaves():
            try:
                context.load_verify_locations(cadata=leaf)
            except ssl.SSLError:
                pass  # what cannot be parsed is passed over
        return context

    # The API.
    def _stamp(self, value):
        self._version += 1
        value["metadata"]["resourceVersion"] = str(self._version)
        self._changed.notify_all()

    def __exit__(self, *details):
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        super().__exit__(*details)

    def answer(self, exchange):
        found = _PATH.match(exchange.path)
        if found and exchange.command == "PATCH":
            length = int(exchange.headers["Content-Length"])
            if self.hangs:
                self._hang(exchange)
                return
            send_json(exchange, *self._patch(exchange, found, exchange.rfile.read(length)))
        elif found and "watch=true" in (found[3] or ""):
            self._watch(exchange, found)
        elif exchange.path.startswith(_COMPONENTS) and "watch=true" in exchange.path:
            self._watch_components(exchange)
        else:
            super().answer(exchange)

    def _hang(self, exchange):
        exchange.close_connection = True
        with self._changed:
            self.hanging += 1
            self._changed.wait_for(lambda: self._ended)

    def _patch(self, exchange, found, body):
        with self._changed:
            value = self._objects.get(found[1])
            if "patch" in self.forbidden:
                return status(403, f'{found[1]} "{found[2]}" is forbidden: cannot patch resource')
            if value is None or value["metadata"]["name"] != found[2]:
                return status(404, "not found")
            if exchange.headers["Content-Type"] == "application/json-patch+json":
                if json.loads(body) != []:
                    return status(422, "only the empty patch is known here")
                return 200, value
            return self._merge(value, json.loads(body))

    def _merge(self, value, patch):
        version = patch["metadata"]["resourceVersion"]
        if self.conflicts > 0:
            self.conflicts -= 1
            self._stamp(value)
        if version != value["metadata"]["resourceVersion"]:
            return status(409, "the object has been modified")
        before = json.dumps(value["webhooks"])
        for change in patch["webhooks"]:
            there = [w for w in value["webhooks"] if w["name"] == change["name"]]
            if not there:
                return status(422, "a webhook without rules")
            there[0]["clientConfig"].update(change["clientConfig"])
        if json.dumps(value["webhooks"]) != before:
            self.writes += 1
            self._stamp(value)
        return 200, value

    def _begin_stream(self, exchange):
        exchange.close_connection = True
        exchange.send_response(200)
        exchange.send_header("Connection", "close")
        exchange.end_headers()
        exchange.wfile.flush()

    def _watch(self, exchange, found):
        if "watch" in self.forbidden:
            send_json(exchange, *status(403, f"cannot watch resource {found[1]}"))
            return
        seen = int(re.search(r"resourceVersion=(\d+)", found[3])[1])
        self._begin_stream(exchange)
        try:
            while not self._ended:
                with self._changed:
                    self._changed.wait_for(
                        lambda seen=seen: self._ended or self._version_of(found[1]) > seen, 1)
                    value = copy.deepcopy(self._objects[found[1]])
                if self._version_of(found[1]) <= seen:
                    continue
                seen = int(value["metadata"]["resourceVersion"])
                exchange.wfile.write(
                    json.dumps({"type": "MODIFIED", "object": value}).encode() + b"\n")
        except OSError:
            pass  # the other side went away

    def _version_of(self, resource):
        return int(self._objects[resource]["metadata"]["resourceVersion"])

    def _watch_components(self, exchange):
        if "sendInitialEvents" in exchange.path:
            send_json(exchange, *status(422, "no WatchList here"))
            return
        self._begin_stream(exchange)
        deadline = time.monotonic() + 60
        with self._changed:
            self._changed.wait_for(lambda: self._ended or time.monotonic() > deadline, 60)
