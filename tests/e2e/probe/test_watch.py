"""component-probe run --watch: what changes under it is followed, and told in a line each.

Environment: as test_probe.py.
"""

import json
import queue
import shutil
import signal
import subprocess
import threading
import time

from example_components.process import DEADLINE_SECONDS
from test_probe import ProbeTest

STORE = """apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {{name: {name}}}
spec:
  type: {type}
  version: v1
  metadata: {metadata}
"""


class Watcher:
    """A run that is followed line by line."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def next(self):
        """(component, state, occasion) of the next line."""
        line = self.lines.get(timeout=DEADLINE_SECONDS)
        return line.get("component"), line.get("state"), line.get("occasion")

    def until(self, *wanted):
        """Reads on to the line that is `wanted`; a file may be seen before it is whole."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        seen = []
        while time.monotonic() < deadline:
            seen.append(self.next())
            if seen[-1] == wanted:
                return
        raise AssertionError(f"{wanted} did not come: {seen}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_SECONDS)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class WatchTest(ProbeTest):
    def setUp(self):
        self.resources = self.world.folder / self._testMethodName
        self.resources.mkdir()
        self.addCleanup(shutil.rmtree, self.resources)

    def write(self, name, kind="state.smallest", metadata="[]"):
        """Puts the manifest there at once, as editors and kubelets do."""
        draft = self.world.folder / f"{name}.draft"
        draft.write_text(STORE.format(name=name, type=kind, metadata=metadata))
        draft.rename(self.resources / f"{name}.yaml")

    def watch(self):
        watcher = Watcher(
            self.command("run", "--resources", str(self.resources), "--app-id", "orders", "--watch")
        )
        self.addCleanup(watcher.close)
        return watcher

    def test_discover_tells_the_sockets_again_when_they_change(self):
        watcher = Watcher(self.command("discover", "--watch"))
        self.addCleanup(watcher.close)
        first = watcher.lines.get(timeout=DEADLINE_SECONDS)
        self.assertEqual(first["sentence"], "daprd would register 7 components")
        text = self.world.sockets / "readme.txt"
        text.write_text("text")
        self.addCleanup(text.unlink)
        again = watcher.lines.get(timeout=DEADLINE_SECONDS)
        self.assertEqual(len(again["sockets"]), len(first["sockets"]) + 1)

    def test_manifests_that_come_change_and_go_are_followed(self):
        self.write("one")
        watcher = self.watch()
        self.assertEqual(watcher.next(), ("one", "ready", ""))
        self.write("two")
        self.assertEqual(watcher.next(), ("two", "ready", "its manifest is new"))
        self.write("one", metadata="[{name: x, value: y}]")
        self.assertEqual(watcher.next(), ("one", "ready", "its manifest has changed"))
        (self.resources / "two.yaml").unlink()
        self.assertEqual(watcher.next(), ("two", "closed", ""))
        self.write("one", metadata="[{name: x, value: y}]")
        self.write("three")
        self.assertEqual(
            watcher.next(), ("three", "ready", "its manifest is new"),
            "what is the same is not told again",
        )  # fmt: skip
        self.assertEqual(watcher.stop(), 0)

    def test_file_that_is_written_in_its_place_is_followed(self):
        self.write("one")
        watcher = self.watch()
        self.assertEqual(watcher.next(), ("one", "ready", ""))
        file = self.resources / "one.yaml"
        file.write_text(file.read_text().replace("metadata: []", "metadata: [{name: a, value: b}]"))
        watcher.until("one", "ready", "its manifest has changed")

    def test_fault_is_told_once_and_closes_what_it_hides(self):
        self.write("one")
        self.write("two")
        watcher = self.watch()
        self.assertEqual(watcher.next()[1], "ready")
        self.assertEqual(watcher.next()[1], "ready")
        self.write("two", kind="lock.redis")
        self.assertEqual(watcher.next(), ("two", "invalid", None))
        self.assertEqual(watcher.next(), ("two", "closed", ""))
        self.write("three")
        self.assertEqual(watcher.next(), ("three", "ready", "its manifest is new"))
        self.assertEqual(watcher.stop(), 1)

    def test_name_that_becomes_free_is_taken_by_the_next_one(self):
        self.write("a")
        (self.resources / "b.yaml").write_text(
            (self.resources / "a.yaml").read_text().replace("smallest", "bench")
        )
        watcher = self.watch()
        self.assertEqual(watcher.next(), ("a", "ready", ""))
        self.assertEqual(watcher.next(), ("a", "invalid", ""))
        (self.resources / "a.yaml").unlink()
        self.assertEqual(watcher.next(), ("a", "closed", ""))
        self.assertEqual(watcher.next(), ("a", "ready", "its name is free now"))

    def test_component_that_goes_is_lost_and_initialised_when_it_returns(self):
        self.write("one")
        watcher = self.watch()
        self.assertEqual(watcher.next(), ("one", "ready", ""))
        self.world.kill("smallest")
        try:
            self.assertEqual(watcher.next(), ("one", "lost", "the component has gone"))
        finally:
            self.world.start("smallest")
        self.assertEqual(watcher.next(), ("one", "ready", "the component has restarted"))

    def test_secret_store_that_comes_late_starts_who_waits_for_it(self):
        metadata = "[{name: x, secretKeyRef: {name: token}}]\nauth: {secretStore: vault}"
        self.write("one", metadata=metadata)
        watcher = self.watch()
        self.assertEqual(watcher.next(), ("one", "parked", ""))
        secrets = self.world.folder / "late.yaml"
        secrets.write_text("token: abc\n")
        self.write(
            "vault", "secretstores.yaml-example", f"[{{name: secretsFile, value: {secrets}}}]"
        )
        self.assertEqual(watcher.next(), ("vault", "ready", "its manifest is new"))
        self.assertEqual(watcher.next(), ("one", "ready", "its secret store is there"))
