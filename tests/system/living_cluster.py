"""An API server whose Components change while it is watched, and that fails as a test tells it."""

import json
import queue
import socket
import threading
from urllib.parse import parse_qs, urlsplit

from fake_cluster import FakeCluster, component, send_json, status

WHOLE = "/apis/dapr.io/v1alpha1/components"


class LivingCluster(FakeCluster):
    """Lists and watches of Components are answered from `put` and `remove`; the rest as FakeCluster
    does. A fault stands for a verb, `list`, `watch` or `live` (the list of one namespace), until it
    is taken back: faults["list"] = a function of the request's exchange, see `refuse` and others."""

    def __init__(self, answers=None, watch_list=False):
        super().__init__(answers or {})
        self.faults = {}
        self._watch_list = watch_list
        self._lock = threading.Lock()
        self._components = {}  # (namespace, name): object
        self._version = 100
        self._oldest = 0  # watches from before are too old
        self._watches = []  # (namespace or None, queue)
        self._history = []  # (version, namespace, event)

    def put(self, name, namespace="shop", image=None):
        item = component(name, image or f"registry.example.com/{name}:1", namespace=namespace)
        self._change("MODIFIED" if (namespace, name) in self._components else "ADDED", item)

    def remove(self, name, namespace="shop"):
        self._change("DELETED", self._components[namespace, name])

    def _change(self, kind, item, tell=True):
        with self._lock:
            self._version += 1
            item["metadata"]["resourceVersion"] = str(self._version)
            key = item["metadata"]["namespace"], item["metadata"]["name"]
            if kind == "DELETED":
                self._components.pop(key, None)
            else:
                self._components[key] = item
            if not tell:
                return
            event = {"type": kind, "object": item}
            self._history.append((self._version, key[0], event))
            for namespace, events in self._watches:
                if namespace in (None, key[0]):
                    events.put(event)

    def put_unseen(self, name, namespace="shop"):
        """As put, but watches hear nothing of it: they lag behind."""
        self._change("ADDED", component(name, f"registry.example.com/{name}:1",
                                        namespace=namespace), tell=False)

    def expire(self):
        """Watches end with 410, and cannot go on from versions of before."""
        with self._lock:
            self._version += 1
            self._oldest = self._version
            for _, events in self._watches:
                events.put({"type": "ERROR", "object": status(410, "too old resource version")[1]})

    def end_watches(self, how):
        """how: "end", as the server does after its time, or "cut"."""
        with self._lock:
            for _, events in self._watches:
                events.put(how)

    def watches(self):
        with self._lock:
            return len(self._watches)

    def count(self, verb, namespace=None):
        """How many lists or watches of the whole cluster, or of a namespace, there were."""
        return sum(1 for path in self.paths() if self._verb(path) == (verb, namespace))

    def stop(self):
        self.end_watches("cut")
        super().stop()

    @staticmethod
    def _verb(path):
        parts = urlsplit(path)
        if not parts.path.startswith("/apis/dapr.io/") or not parts.path.endswith("/components"):
            return None, None
        namespace = None if parts.path == WHOLE else parts.path.split("/")[5]
        return ("watch" if "watch" in parse_qs(parts.query) else "list"), namespace

    def answer(self, exchange):
        verb, namespace = self._verb(exchange.path)
        if verb is None:
            return super().answer(exchange)
        kind = "live" if verb == "list" and namespace is not None else verb
        fault = self.faults.get(kind)
        if fault is not None:
            return fault(exchange)
        query = parse_qs(urlsplit(exchange.path).query)
        return self._watch(exchange, namespace, query) if verb == "watch" else \
            self._list(exchange, namespace, query)

    def _snapshot(self, namespace):
        return [item for (where, _), item in sorted(self._components.items())
                if namespace in (None, where)]

    def _list(self, exchange, namespace, query):
        """Pages, as many as `limit` wants."""
        start, limit = (int(query.get(name, ["0"])[0]) for name in ("continue", "limit"))
        value = self.list_now(namespace)
        items = value["items"]
        if limit and start + limit < len(items):
            value["metadata"]["continue"] = str(start + limit)
        value["items"] = items[start:start + limit] if limit else items
        send_json(exchange, 200, value)

    def list_now(self, namespace):
        with self._lock:
            return {"kind": "ComponentList", "apiVersion": "dapr.io/v1alpha1",
                    "metadata": {"resourceVersion": str(self._version)},
                    "items": self._snapshot(namespace)}

    def _watch(self, exchange, namespace, query):
        initial = "sendInitialEvents" in query
        if initial and not self._watch_list:
            return send_json(exchange, *status(422, "sendInitialEvents is forbidden"))
        events = queue.Queue()
        with self._lock:
            for event in self._initial_events(namespace) if initial else \
                    self._events_since(int(query["resourceVersion"][0]), namespace):
                events.put(event)
            watch = (namespace, events)
            self._watches.append(watch)
        try:
            self._stream(exchange, events)
        except OSError:
            pass  # the client has gone
        finally:
            with self._lock:
                self._watches.remove(watch)

    def _initial_events(self, namespace):
        end = {"resourceVersion": str(self._version),
               "annotations": {"k8s.io/initial-events-end": "true"}}
        return [{"type": "ADDED", "object": item} for item in self._snapshot(namespace)] + \
            [{"type": "BOOKMARK", "object": {"metadata": end}}]

    def _events_since(self, version, namespace):
        if version < self._oldest:
            return [{"type": "ERROR", "object": status(410, "too old resource version")[1]}]
        return [event for at, where, event in self._history
                if at > version and namespace in (None, where)]

    @staticmethod
    def _stream(exchange, events):
        exchange.close_connection = True
        exchange.send_response(200)
        exchange.send_header("Transfer-Encoding", "chunked")
        exchange.end_headers()
        while True:
            event = events.get()
            if event == "cut":
                return exchange.connection.shutdown(socket.SHUT_RDWR)
            if event == "end":
                exchange.wfile.write(b"0\r\n\r\n")
                return None
            line = event if isinstance(event, bytes) else json.dumps(event).encode() + b"\n"
            exchange.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))

    def send(self, line):
        """Writes a line into each watch."""
        with self._lock:
            for _, events in self._watches:
                events.put(line)


def refuse(code, message, **headers):
    """A fault: this status; headers such as Retry_After."""
    return lambda exchange: send_json(exchange, *status(code, message), **headers)


def cut(exchange):
    """A fault: the connection breaks before an answer."""
    exchange.close_connection = True
    exchange.connection.shutdown(socket.SHUT_RDWR)


def nonsense(exchange):
    """A fault: an answer that is no list."""
    send_json(exchange, 200, b"<html>welcome to the proxy</html>")


class Gate:
    """A fault: lists of one namespace show what is there when they come, but wait until they are
    let go."""

    def __init__(self, cluster):
        self._cluster = cluster
        self._open = threading.Event()
        self._count = 0

    def __call__(self, exchange):
        value = self._cluster.list_now(exchange.path.split("/")[5])
        self._count += 1
        self._open.wait(60)
        try:
            send_json(exchange, 200, value)
        except OSError:
            pass  # the client did not wait

    def count(self):
        return self._count

    def let_go(self):
        self._open.set()
