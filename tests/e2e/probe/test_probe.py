"""component-probe against the example components and against Dapr's Go SDK.

Environment: PROBE, the program; COMPONENTS, the folder of the example programs; GO_COMPONENTS, a
program on the Go SDK that serves components-contrib's in-memory state store and broker as "bench".
"""

import http.server
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest

from example_components.examples import Components
from example_components.process import DEADLINE_SECONDS

PROBE = os.environ["PROBE"]
GO_COMPONENTS = os.environ["GO_COMPONENTS"]

MANIFESTS = """apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: database}
spec:
  type: state.sqlite-example
  version: v1
  metadata:
    - name: path
      secretKeyRef: {name: database, key: path}
auth: {secretStore: vault}
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: vault}
spec:
  type: secretstores.yaml-example
  metadata: [{name: secretsFile, value: FOLDER/secrets.yaml}]
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: orphan}
spec:
  type: state.smallest
  metadata: [{name: x, secretKeyRef: {name: token}}]
auth: {secretStore: nowhere}
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: broker}
spec: {type: pubsub.bench, version: v1}
scopes: [orders]
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: broker}
spec: {type: state.bench, version: v1}
---
broken: [1, 2
"""

NAMESPACED = """apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: broker}
spec:
  type: pubsub.memory-example
  metadata: [{name: note, value: "for {namespace}"}]
"""


class World:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-"))
        self.components = Components(self.folder, {"bench": GO_COMPONENTS})
        self.sockets = self.components.sockets

    def kill(self, name):
        self.components.kill(name)

    def start(self, name):
        self.components.start(name).wait()

    def close(self):
        self.components.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class ProbeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)

    def command(self, *words):
        return [PROBE, words[0], "--folder", str(self.world.sockets), "-o", "json", *words[1:]]

    def probe(self, *words, code=0):
        """The JSON lines of one run."""
        done = subprocess.run(
            self.command(*words), capture_output=True, text=True, check=False,
            timeout=3 * DEADLINE_SECONDS, cwd=self.world.folder,
        )  # fmt: skip
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]


class DiscoverTest(ProbeTest):
    def test_components_of_both_sdks_are_found(self):
        (found,) = self.probe("discover")
        kinds = {s["component"]: s["kinds"] for s in found["sockets"]}
        self.assertEqual(
            kinds,
            {
                "bench": ["pubsub", "state"],
                "file-example": ["output"],
                "memory-example": ["pubsub"],
                "smallest": ["state"],
                "sqlite-example": ["state"],
                "timer-example": ["input"],
                "yaml-example": ["secretstore"],
            },
        )
        self.assertEqual({s["reflection"] for s in found["sockets"]}, {"v1alpha"})
        self.assertEqual(found["sentence"], "daprd would register 7 components")

    def test_socket_of_a_killed_component_is_stale(self):
        self.world.kill("file-example")
        try:
            (found,) = self.probe("discover", code=1)
        finally:
            self.world.start("file-example")
        stale = [s for s in found["sockets"] if s["state"] != "serves"]
        self.assertEqual([(s["component"], s["state"]) for s in stale], [("file-example", "stale")])
        self.assertEqual(found["daprd"], "hangs")


class CallTest(ProbeTest):
    def test_state_of_both_sdks(self):
        for store in ("smallest", "bench"):
            with self.subTest(store):
                self.probe("set", store, "k", "value")
                (got,) = self.probe("get", store, "k")
                self.assertEqual(got["data"], "value")
                self.probe("delete", store, "k")
                (got,) = self.probe("get", store, "k")
                self.assertFalse(got["found"])

    def test_instances_are_apart(self):
        self.probe("set", "smallest", "k", "1", "--instance", "a")
        (got,) = self.probe("get", "smallest", "k", "--instance", "b")
        self.assertFalse(got["found"])

    def test_stale_etag_is_refused_by_its_kind(self):
        self.probe("set", "smallest", "e", "1")
        (error,) = self.probe("set", "smallest", "e", "2", "--etag", "none", code=1)
        self.assertEqual(error["kind"], "etag-mismatch")
        self.assertEqual(error["grpcCode"], "FAILED_PRECONDITION")

    def test_message_that_waits_is_pulled(self):
        self.probe("publish", "memory-example", "orders", "hello")
        (message,) = self.probe("subscribe", "memory-example", "orders", "--count", "1")
        self.assertEqual(message["data"], "hello")
        self.assertEqual(message["topic"], "orders")

    def test_topic_outside_of_its_scopes_is_refused_and_named(self):
        scopes = (
            "--init", "publishingScopes=shop=orders", "--init", "subscriptionScopes=shop=bills",
            "--app-id", "shop",
        )  # fmt: skip
        self.probe("publish", "memory-example", "orders", "1", *scopes, "--instance", "scoped")
        (error,) = self.probe("publish", "memory-example", "bills", "1", *scopes, code=1)
        self.assertEqual(error["kind"], "limit")
        self.assertEqual(error["httpCode"], 403)
        self.assertEqual(
            error["error"],
            "app id shop may not publish to topic bills: publishingScopes gives this application: "
            "orders; add shop=bills to publishingScopes",
        )
        (error,) = self.probe("subscribe", "memory-example", "orders", *scopes, code=1)
        self.assertIn("may not subscribe to topic orders", error["error"])

    def test_topics_of_a_manifest_that_names_the_namespace_begin_with_it(self):
        resources = self.world.folder / "namespaced"
        resources.mkdir()
        (resources / "broker.yaml").write_text(NAMESPACED)
        words = ("--resources", str(resources), "--count", "1")
        self.probe("publish", "broker", "orders", "1", *words[:2])
        (message,) = self.probe("subscribe", "broker", "orders", *words, "--reject")
        self.assertEqual(message["topic"], "orders")
        (message,) = self.probe(
            "subscribe", "memory-example", "defaultorders", "--instance", "broker", "--count", "1"
        )
        self.assertEqual(message["topic"], "defaultorders")

    def test_subscriber_outlives_a_restart_of_the_component(self):
        subscriber = subprocess.Popen(
            self.command("subscribe", "memory-example", "restarts", "--count", "2"),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.addCleanup(subscriber.stdout.close)
        self.addCleanup(subscriber.kill)
        self.probe("publish", "memory-example", "restarts", "before")
        self.assertEqual(json.loads(subscriber.stdout.readline())["data"], "before")
        self.world.kill("memory-example")
        self.world.start("memory-example")
        self.probe("publish", "memory-example", "restarts", "after")
        self.assertEqual(json.loads(subscriber.stdout.readline())["data"], "after")
        self.assertEqual(subscriber.wait(DEADLINE_SECONDS), 0)

    def test_bindings(self):
        path = self.world.folder / "out.log"
        (answer,) = self.probe("invoke", "file-example", "create", "line", "--init", f"path={path}")
        self.assertEqual(answer["metadata"], {"bytes": "5"})
        self.assertEqual(path.read_text(), "line\n")
        (error,) = self.probe("invoke", "file-example", "drop", "--init", f"path={path}", code=1)
        self.assertEqual(error["kind"], "limit")
        ticks = self.probe("read", "timer-example", "--init", "interval=20", "--count", "3")
        self.assertEqual(
            [t["data"] for t in ticks], ['{"tick":1}', '{"tick":2}', '{"tick":3}']
        )

    def test_rejected_events_come_again(self):
        arguments = ("timer-example", "--init", "interval=20", "--instance", "again")
        (first,) = self.probe("read", *arguments, "--count", "1", "--reject")
        (again,) = self.probe("read", *arguments, "--count", "1")
        self.assertEqual(first["data"], again["data"])

    def test_secrets(self):
        secrets = self.world.folder / "few.yaml"
        secrets.write_text("db: {user: u, password: p}\n")
        init = ("--init", f"secretsFile={secrets}")
        (secret,) = self.probe("secret", "yaml-example", "db", *init)
        self.assertEqual(secret, {"user": "u", "password": "p"})
        (everything,) = self.probe("secret", "yaml-example", *init)
        self.assertEqual(everything, {"db": secret})

    def test_query(self):
        init = ("--init", f"path={self.world.folder / 'query.db'}")
        self.probe("set", "sqlite-example", "a", '{"city": "Rome"}', *init)
        self.probe("set", "sqlite-example", "b", '{"city": "Oslo"}', *init)
        query = json.dumps({"filter": {"EQ": {"city": "Oslo"}}})
        (found,) = self.probe("query", "sqlite-example", query, *init)
        self.assertEqual([item["key"] for item in found["items"]], ["b"])

    def test_name_that_nobody_serves_is_told_with_those_that_there_are(self):
        (error,) = self.probe("get", "redis", "k", code=1)
        self.assertIn("those that do: bench, smallest, sqlite-example", error["error"])

    def test_init_that_fails_is_told(self):
        (error,) = self.probe("secret", "yaml-example", "--instance", "empty", code=1)
        self.assertIn('Init: metadata "secretsFile" is missing', error["error"])


class RunTest(ProbeTest):
    def test_everything_is_loaded_in_daprds_order_and_faults_are_named(self):
        resources = self.world.folder / "resources"
        resources.mkdir()
        file = resources / "all.yaml"
        file.write_text(MANIFESTS.replace("FOLDER", str(self.world.folder)))
        (self.world.folder / "secrets.yaml").write_text(
            f"database: {{path: {self.world.folder / 'run.db'}}}\n"
        )
        lines = self.probe("run", "--resources", str(resources), "--app-id", "orders", code=1)
        self.assertEqual(
            [(line.get("component"), line["state"]) for line in lines],
            [
                ("", "invalid"),
                ("vault", "ready"),
                ("database", "ready"),
                ("orphan", "parked"),
                ("broker", "ready"),
                ("broker", "invalid"),
            ],
        )
        self.assertEqual(lines[0]["place"], f"{file}:39")
        self.assertIn(f"its name is that of {file}:27", lines[5]["message"])
        self.probe("set", "database", "k", "v", "--resources", str(resources))
        (got,) = self.probe("get", "database", "k", "--resources", str(resources))
        self.assertEqual(got["data"], "v")

    def test_components_of_a_cluster_are_loaded(self):
        items = [
            {"metadata": {"name": "odd", "namespace": "shop"}, "spec": {"type": "lock.x"}},
            {"metadata": {"name": "one", "namespace": "shop"},
             "spec": {"type": "state.smallest", "version": "v1", "metadata": []}},
        ]  # fmt: skip
        lists = {"/apis/dapr.io/v1alpha1/namespaces/shop/components": items}
        with ApiServer(lists, self.world.folder) as server:
            config = self.world.folder / "kubeconfig"
            config.write_text(json.dumps(server.kubeconfig("shop")))
            words = ("--from-cluster", "--kubeconfig", str(config), "--app-id", "orders")
            lines = self.probe("run", *words, code=1)
            self.assertEqual(
                [(line["component"], line["state"]) for line in lines],
                [("odd", "invalid"), ("one", "ready")],
            )
            self.probe("set", "one", "k", "v", *words)
            (error,) = self.probe("run", *words, "-n", "other", code=1)
            self.assertIn("404", error["error"])


class ApiServer:
    """Answers lists of the paths given, and 404 for others, over TLS."""

    def __init__(self, lists, folder):
        self.certificate = str(folder / "api.crt")
        key = str(folder / "api.key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 (the library's name)
                items = lists.get(self.path.split("?")[0])
                value = {"kind": "Status", "code": 404, "message": "no such path (404)"}
                if items is not None:
                    value = {"kind": "List", "metadata": {"resourceVersion": "1"}, "items": items}
                body = json.dumps(value).encode()
                self.send_response(404 if items is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def kubeconfig(self, namespace):
        cluster = {
            "server": f"https://localhost:{self.server.server_address[1]}",
            "certificate-authority": self.certificate,
        }
        return {
            "current-context": "here",
            "contexts": [
                {"name": "here", "context": {"cluster": "c", "user": "u", "namespace": namespace}}
            ],
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {"token": "t"}}],
        }


if __name__ == "__main__":
    unittest.main()
