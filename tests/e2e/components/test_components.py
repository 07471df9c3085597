"""Every example component behind the real daprd, through its HTTP API.

Environment: DAPRD, the program; COMPONENTS, the folder of the example programs.
"""

import atexit
import base64
import json
import os
import pathlib
import shutil
import tempfile
import time
import unittest

from example_components.examples import Components
from example_components.process import wait_for
from sidecar import SIDECAR_USER, Application, Daprd


def passable(program):
    """A copy of `program` where every user can run it; its cache may be one user's alone."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="daprd-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    copy = folder / "daprd"
    try:
        os.link(program, copy)
    except OSError:
        shutil.copy(program, copy)
    copy.chmod(0o755)
    return str(copy)


DAPRD = passable(os.environ["DAPRD"])

MANIFEST = """apiVersion: dapr.io/v1alpha1
kind: Component
metadata:
  name: {name}
spec:
  type: {type}
  version: v1
  metadata: {metadata}
"""


def manifest(name, kind, **metadata):
    items = [{"name": key, "value": value} for key, value in metadata.items()]
    return MANIFEST.format(name=name, type=kind, metadata=json.dumps(items))  # JSON is YAML


class World:
    """Components, an application and a daprd that runs as another user, if the machine lets it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="components-"))
        self.resources = self.folder / "resources"
        self.resources.mkdir()
        self.home = self.folder / "home"
        self.home.mkdir()
        self.home.chmod(0o777)
        self.folder.chmod(0o755)
        self.user = SIDECAR_USER if os.getuid() == 0 else None
        self.out = self.folder / "out.log"
        secrets = self.folder / "secrets.yaml"
        secrets.write_text("token: abc\ndb:\n  user: admin\n  password: hunter2\n")
        manifests = {
            "one": manifest("one", "state.smallest"),
            "two": manifest("two", "state.smallest"),
            "sqlite": manifest(
                "sqlite", "state.sqlite-example", path=str(self.folder / "state.db"),
                maxTransaction="3",
            ),
            "broker": manifest("broker", "pubsub.memory-example", redeliveryDelay="50"),
            "file": manifest("file", "bindings.file-example", path=str(self.out)),
            "timer": manifest("timer", "bindings.timer-example", interval="100"),
            "vault": manifest("vault", "secretstores.yaml-example", secretsFile=str(secrets)),
        }  # fmt: skip
        for name, text in manifests.items():
            (self.resources / f"{name}.yaml").write_text(text)
        self.application = Application(
            [{"pubsubname": "broker", "topic": topic, "route": f"/{topic}"}
             for topic in ("orders", "retries", "raw")]
        )  # fmt: skip
        self.components = None
        self.daprd = None
        try:
            self.components = Components(self.folder)
            self.daprd = self.sidecar()
        except BaseException:
            self.close()
            raise

    def sidecar(self):
        return Daprd(
            DAPRD, self.folder if self.user is None else self.home, self.components.sockets,
            self.resources, self.application, self.user,
        ).wait()  # fmt: skip

    def close(self):
        if self.daprd is not None and self.daprd.running():
            self.daprd.kill()
        if self.components is not None:
            self.components.close()
        self.application.shutdown()
        self.application.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)


class ComponentTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)

    @property
    def daprd(self):
        return self.world.daprd

    def get(self, store, key):
        status, body = self.daprd.call("GET", f"/v1.0/state/{store}/{key}")
        return (json.loads(body) if status == 200 else None), self.daprd.last_headers.get("Etag")

    def set(self, store, key, value, **more):
        body = [{"key": key, "value": value, **more}]
        return self.daprd.call("POST", f"/v1.0/state/{store}", body)


class DiscoveryTest(ComponentTest):
    def test_all_components_are_loaded(self):
        status, body = self.daprd.call("GET", "/v1.0/metadata")
        self.assertEqual(status, 200)
        loaded = {c["name"]: c["type"] for c in json.loads(body)["components"]}
        self.assertEqual(
            loaded,
            {
                "one": "state.smallest",
                "two": "state.smallest",
                "sqlite": "state.sqlite-example",
                "broker": "pubsub.memory-example",
                "file": "bindings.file-example",
                "timer": "bindings.timer-example",
                "vault": "secretstores.yaml-example",
            },
        )

    def test_features_reach_daprd(self):
        _, body = self.daprd.call("GET", "/v1.0/metadata")
        features = {c["name"]: c["capabilities"] for c in json.loads(body)["components"]}
        for feature in ("ETAG", "TTL", "TRANSACTIONAL", "QUERY_API"):
            self.assertIn(feature, features["sqlite"])
        self.assertIn("ETAG", features["one"])

    def test_daprd_is_another_user(self):
        if self.world.user is None:
            self.skipTest("only root can start daprd as another user")
        owner = self.world.components["smallest"].socket.stat().st_uid
        self.assertNotEqual(owner, self.world.user)


class StateTest(ComponentTest):
    def test_two_instances_on_one_socket_have_separate_state(self):
        self.assertEqual(self.set("one", "k", 1)[0], 204)
        self.assertEqual(self.set("two", "k", 2)[0], 204)
        self.assertEqual(self.get("one", "k")[0], 1)
        self.assertEqual(self.get("two", "k")[0], 2)

    def test_stale_etag_is_answered_409(self):
        for store in ("one", "sqlite"):
            with self.subTest(store):
                self.set(store, "e", "first")
                _, old = self.get(store, "e")
                self.set(store, "e", "second")
                status, body = self.set(store, "e", "third", etag=old)
                self.assertEqual(status, 409, body)
                self.assertEqual(self.get(store, "e")[0], "second")
                _, current = self.get(store, "e")
                self.assertEqual(self.set(store, "e", "third", etag=current)[0], 204)

    def test_delete_with_stale_etag_is_answered_409(self):
        self.set("sqlite", "d", "v")
        status, _ = self.daprd.call(
            "DELETE", "/v1.0/state/sqlite/d", headers={"If-Match": "0" * 16}
        )
        self.assertEqual(status, 409)
        self.assertEqual(self.get("sqlite", "d")[0], "v")

    def test_etag_of_another_shape_is_answered_400(self):
        self.set("sqlite", "i", "v")
        self.assertEqual(self.set("sqlite", "i", "w", etag="nonsense")[0], 400)

    def test_first_write_of_an_existing_key_is_answered_409(self):
        options = {"options": {"concurrency": "first-write"}}
        self.assertEqual(self.set("sqlite", "f", 1, **options)[0], 204)
        self.assertEqual(self.set("sqlite", "f", 2, **options)[0], 409)

    def test_missing_key_is_answered_204(self):
        self.assertEqual(self.daprd.call("GET", "/v1.0/state/sqlite/none")[0], 204)

    def test_transaction_is_all_or_nothing(self):
        self.set("sqlite", "t1", "old")
        operations = [
            {"operation": "upsert", "request": {"key": "t1", "value": "new"}},
            {"operation": "delete", "request": {"key": "t1", "etag": "0" * 16}},
        ]
        path = "/v1.0/state/sqlite/transaction"
        self.assertEqual(self.daprd.call("POST", path, {"operations": operations})[0], 500)
        self.assertEqual(self.get("sqlite", "t1")[0], "old")
        operations[1] = {"operation": "upsert", "request": {"key": "t2", "value": "two"}}
        self.assertEqual(self.daprd.call("POST", path, {"operations": operations})[0], 204)
        self.assertEqual(self.get("sqlite", "t1")[0], "new")
        self.assertEqual(self.get("sqlite", "t2")[0], "two")

    def test_transaction_over_the_stores_limit_is_refused_by_daprd(self):
        operations = [
            {"operation": "upsert", "request": {"key": f"m{i}", "value": i}} for i in range(4)
        ]
        status, body = self.daprd.call(
            "POST", "/v1.0/state/sqlite/transaction", {"operations": operations}
        )
        self.assertEqual(status, 400, body)

    def test_bulk_get(self):
        self.daprd.call(
            "POST", "/v1.0/state/sqlite", [{"key": "b1", "value": 1}, {"key": "b2", "value": 2}]
        )
        status, body = self.daprd.call(
            "POST", "/v1.0/state/sqlite/bulk", {"keys": ["b1", "b2", "b3"]}
        )
        self.assertEqual(status, 200)
        values = {item["key"]: item.get("data") for item in json.loads(body)}
        self.assertEqual(values, {"b1": 1, "b2": 2, "b3": None})

    def test_bulk_set_with_a_stale_etag_is_answered_409_and_changes_nothing(self):
        self.set("sqlite", "s1", "old")
        status, _ = self.daprd.call(
            "POST",
            "/v1.0/state/sqlite",
            [{"key": "s1", "value": "new"}, {"key": "s2", "value": "x", "etag": "0" * 16}],
        )
        self.assertEqual(status, 409)
        self.assertEqual(self.get("sqlite", "s1")[0], "old")

    def test_query(self):
        for key, city, age in (("q1", "Rome", 3), ("q2", "Oslo", 1), ("q3", "Rome", 2)):
            self.set("sqlite", key, {"city": city, "age": age})
        query = {
            "filter": {"EQ": {"city": "Rome"}},
            "sort": [{"key": "age", "order": "DESC"}],
            "page": {"limit": 1},
        }
        keys = []
        for _ in range(2):
            status, body = self.daprd.call("POST", "/v1.0-alpha1/state/sqlite/query", query)
            self.assertEqual(status, 200, body)
            answer = json.loads(body)
            keys += [item["key"] for item in answer["results"]]
            query["page"]["token"] = answer.get("token", "")
        self.assertEqual([key.split("||")[-1] for key in keys], ["q1", "q3"])

    def test_time_to_live(self):
        self.set("sqlite", "ttl", "v", metadata={"ttlInSeconds": "1"})
        self.assertEqual(self.get("sqlite", "ttl")[0], "v")
        wait_for("the value is gone", lambda: self.get("sqlite", "ttl")[0] is None)


class PubSubTest(ComponentTest):
    def publish(self, topic, data):
        self.assertEqual(self.daprd.call("POST", f"/v1.0/publish/broker/{topic}", data)[0], 204)

    def test_published_message_reaches_the_subscriber(self):
        self.publish("orders", {"number": 1})
        event = json.loads(self.world.application.next("/orders"))
        self.assertEqual(event["data"], {"number": 1})
        self.assertEqual(event["pubsubname"], "broker")

    def test_rejected_message_comes_again_until_it_is_acknowledged(self):
        tries = []

        def answer(body):
            tries.append(json.loads(body)["id"])
            return (200, {"status": "RETRY" if len(tries) < 3 else "SUCCESS"})

        self.world.application.answers["/retries"] = answer
        self.publish("retries", {"number": 2})
        for _ in range(3):
            self.world.application.next("/retries")
        self.assertEqual(len(set(tries)), 1, "the same message each time")
        self.publish("retries", {"number": 3})
        event = json.loads(self.world.application.next("/retries"))
        self.assertEqual(event["data"], {"number": 3}, "an acknowledged message does not come back")

    def test_many_messages_arrive_in_their_order(self):
        for number in range(50):
            self.publish("raw", {"number": number})
        got = [json.loads(self.world.application.next("/raw"))["data"] for _ in range(50)]
        self.assertEqual(got, [{"number": number} for number in range(50)])

    def test_bulk_publish(self):
        entries = [
            {"entryId": str(i), "event": {"bulk": i}, "contentType": "application/json"}
            for i in range(3)
        ]
        status, body = self.daprd.call("POST", "/v1.0-alpha1/publish/bulk/broker/orders", entries)
        self.assertEqual(status, 204, body)
        got = [json.loads(self.world.application.next("/orders"))["data"] for _ in range(3)]
        self.assertEqual(got, [{"bulk": 0}, {"bulk": 1}, {"bulk": 2}])

    def test_publish_of_five_mebibytes_reaches_the_component(self):
        payload = base64.b64encode(os.urandom(5 * 1024 * 1024 * 3 // 4)).decode()
        self.assertEqual(
            self.daprd.call("POST", "/v1.0/publish/broker/unread", {"data": payload})[0], 204
        )


class BindingAndSecretTest(ComponentTest):
    def test_output_binding_appends(self):
        for line in ("one", "two"):
            status, body = self.daprd.call(
                "POST", "/v1.0/bindings/file", {"operation": "create", "data": line}
            )
            self.assertIn(status, (200, 204), body)
        self.assertEqual(self.world.out.read_text(), '"one"\n"two"\n')

    def test_unknown_operation_is_refused(self):
        status, _ = self.daprd.call("POST", "/v1.0/bindings/file", {"operation": "delete"})
        self.assertGreaterEqual(status, 400)

    def test_input_binding_feeds_and_repeats_a_rejected_event(self):
        seen = []

        def answer(body):
            seen.append(json.loads(body)["tick"])
            return (500 if len(seen) == 1 else 200, {})

        self.world.application.answers["/timer"] = answer
        wait_for("events", lambda: len(seen) >= 3)
        self.assertIn(seen[0], seen[1:], "the rejected event came again")

    def test_secret(self):
        status, body = self.daprd.call("GET", "/v1.0/secrets/vault/db")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body), {"user": "admin", "password": "hunter2"})

    def test_bulk_secrets(self):
        status, body = self.daprd.call("GET", "/v1.0/secrets/vault/bulk")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body)["token"], {"token": "abc"})

    def test_missing_secret_is_an_error(self):
        self.assertGreaterEqual(self.daprd.call("GET", "/v1.0/secrets/vault/none")[0], 400)


class LifeTest(unittest.TestCase):
    """What changes the world for others: each test has its own."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)

    def state_works(self):
        body = [{"key": "k", "value": 1}]
        return self.world.daprd.call("POST", "/v1.0/state/one", body)[0] == 204

    def test_killed_component_and_restart_of_both_leave_no_hang(self):
        world = self.world
        self.assertTrue(self.state_works())
        world.components["smallest"].kill()
        self.assertTrue(world.components["smallest"].socket.exists(), "a stale socket is left")
        begin = time.monotonic()
        self.assertFalse(self.state_works())
        self.assertLess(time.monotonic() - begin, 10, "calls fail fast, they do not hang")
        world.components.start("smallest").wait()
        # daprd does not repeat Init: the fresh component says so rather than invent state.
        self.assertFalse(self.state_works())
        world.daprd.stop()
        world.daprd = world.sidecar()
        self.assertTrue(self.state_works())

    def test_restarted_daprd_finds_messages_and_is_not_paused(self):
        world = self.world
        self.assertEqual(world.daprd.stop(), 0)
        self.assertIn("pausing subscription on topic orders", world.daprd.log())
        self.assertNotIn("failed to pause subscription", world.daprd.log())
        world.daprd = world.sidecar()
        world.daprd.call("POST", "/v1.0/publish/broker/orders", {"number": 7})
        event = json.loads(world.application.next("/orders"))
        self.assertEqual(event["data"], {"number": 7})

    def test_components_stop_with_zero_on_sigterm_while_daprd_is_connected(self):
        for name, component in self.world.components.items():
            with self.subTest(name):
                self.assertEqual(component.stop(), 0, component.log())
                self.assertFalse(component.socket.exists())


if __name__ == "__main__":
    unittest.main()
