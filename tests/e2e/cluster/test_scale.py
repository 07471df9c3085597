"""Many Components: how soon they are known, what they take, and that admissions do not feel them."""

import json
import re
import threading
import time
import unittest

from harness import cluster, objects
from harness.figures import record
from harness.installation import Installation
from harness.load import Connection
from harness.metrics import Metrics

NAMESPACES = 1000 if cluster.FULL else 100
COMPONENTS = 10 * NAMESPACES
ADMISSIONS = 500
HISTOGRAM = "component_injector_admission_duration_seconds"


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return 1024 * int(re.search(r"VmRSS:\s+(\d+) kB", file.read()).group(1))


def fill(api, connections=4):
    """Creates the namespaces and their Components, some at a time."""
    left = list(range(NAMESPACES))

    def work():
        connection = Connection(api)
        while left:
            try:
                name = f"many-{left.pop():04d}"
            except IndexError:
                break
            _send(connection, "/api/v1/namespaces", {"metadata": {"name": name}})
            for number in range(10):
                scopes = None if number < 3 else ["other-app"]
                value = objects.component(f"store-{number}", objects.image_of(f"s{number}"), scopes)
                _send(connection, objects.components(name), value)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(connection, path, value):
    status, body = connection.send(connection.request(path, json.dumps(value).encode()))
    if status not in (201, 409):
        raise AssertionError(f"{path}: {status} {body[:200]}")


class ScaleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cluster.shared()

    def measure(self):
        """Figures of a fresh replica: seconds to ready, bytes, seconds of an admission."""
        begin = time.monotonic()
        installation = Installation(self.cluster, {"log": {"level": "warn"}}, replicas=1)
        try:
            pod = installation.pods[0]
            ready = time.monotonic() - begin
            idle = resident_bytes(pod.process.pid)
            before = Metrics(pod.metrics())
            for number in range(ADMISSIONS):
                manifest = objects.pod(f"app-{number}", app_id="app")
                stored = self.cluster.controller.create(
                    objects.pods("many-0000"), manifest, dryRun="All"
                )
                names = {c["name"] for c in stored["spec"]["initContainers"]}
                self.assertLessEqual({"s0", "s1", "s2"}, names)
            after = Metrics(pod.metrics())
            spent = after.sum(HISTOGRAM + "_sum") - before.sum(HISTOGRAM + "_sum")
            reviews = after.sum(HISTOGRAM + "_count") - before.sum(HISTOGRAM + "_count")
            known = after.sum("component_injector_cache_components")
            return {
                "components": int(known),
                "install to ready, seconds": round(ready, 2),
                "resident, MB": round(idle / 1e6, 1),
                "microseconds of a review": round(1e6 * spent / reviews),
            }
        finally:
            installation.close()

    def test_ten_thousand_components_are_not_felt(self):
        admin = self.cluster.admin
        objects.make_namespace(admin, "many-0000")
        for number in range(10):
            scopes = None if number < 3 else ["other-app"]
            value = objects.component(f"store-{number}", objects.image_of(f"s{number}"), scopes)
            objects.create_once(admin, objects.components("many-0000"), value)
        few = self.measure()
        fill(admin)
        many = self.measure()
        record("one namespace of 10 Components", few)
        record(f"{NAMESPACES} namespaces of 10 Components", many)
        self.assertGreaterEqual(many["components"], COMPONENTS)
        self.assertLess(many["install to ready, seconds"], few["install to ready, seconds"] + 10)
        text = len(json.dumps(admin.get(f"{objects.components('many-0000')}/store-9")))
        grown = (many["resident, MB"] - few["resident, MB"]) * 1e6 / COMPONENTS
        record("bytes a Component", {"text": text, "memory": round(grown)})
        # What a list takes while it is read counts less, the more there are.
        self.assertLess(grown, text + 4096 + 8e6 / COMPONENTS)
        self.assertLess(
            many["microseconds of a review"], 1.5 * few["microseconds of a review"] + 100
        )


if __name__ == "__main__":
    unittest.main()
