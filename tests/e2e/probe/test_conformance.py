"""The suites of component-probe conformance: green for what is right, red for the right reason for
each of a set of components with one defect.

Environment: as test_probe.py; BROKEN, the program broken-component.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from example_components.examples import EXAMPLES, PROGRAMS
from example_components.process import DEADLINE_SECONDS
from test_probe import PROBE, ProbeTest

BROKEN = os.environ["BROKEN"]
CHECKED_AT_ONCE = 4

# Defect: kind, the check that must be red, words of its reason.
DEFECTS = {
    "socket-mode": ("state", "daprd/connect", "mode 0755"),
    "reflection-v1-only": ("state", "daprd/reflection", "reflection v1, and not v1alpha"),
    "init-hangs": ("state", "daprd/init", "Init did not answer within"),
    "no-features": ("state", "daprd/init", "Features: no Features"),
    "init-once": ("state", "daprd/init-again", "second: Init: it is initialised"),
    "needs-instance": ("state", "daprd/no-instance", "no instance"),
    "missing-key-fails": ("state", "state/missing-key", "no such key"),
    "missing-key-etag": ("state", "state/missing-key", "has an etag"),
    "bytes-cut": ("state", "state/bytes", "come back changed"),
    "delete-does-nothing": ("state", "state/delete", "still there"),
    "delete-missing-fails": ("state", "state/delete-missing", "no such key"),
    "no-etag": ("state", "state/etag-changes", "no etag"),
    "etag-stays": ("state", "state/etag-changes", "same after another Set"),
    "stale-etag-accepted": ("state", "state/etag-stale-set", "succeeded"),
    "stale-delete-accepted": ("state", "state/etag-stale-delete", "succeeded"),
    "etag-without-details": ("state", "state/etag-stale-set", "FAILED_PRECONDITION without"),
    "etag-inner-code": ("state", "state/etag-stale-set", "FAILED_PRECONDITION without"),
    "etag-other-field": ("state", "state/etag-stale-set", "FAILED_PRECONDITION without"),
    "bulk-get-drops-missing": ("state", "state/bulk-get", "two keys were asked for, 1 came"),
    "bulk-get-error": ("state", "state/bulk-get", "has the error"),
    "bulk-set-first-only": ("state", "state/bulk-write", "after BulkSet"),
    "transaction-not-atomic": ("state", "state/transaction-atomic", "holds"),
    "transaction-reversed": ("state", "state/transaction", "holds"),
    "query-unpacks-any": ("state", "state/query", "operand without a type"),
    "ping-fails": ("state", "state/ping", "no pong"),
    "same-ids": ("pubsub", "pubsub/ids", "have the id 1"),
    "no-topic-name": ("pubsub", "pubsub/deliver", 'names topic ""'),
    "topics-mixed": ("pubsub", "pubsub/topics-apart", "another topic"),
    "acked-again": ("pubsub", "pubsub/acked", "came once more"),
    "unknown-ack-ends": ("pubsub", "pubsub/unknown-ack", "ended the stream"),
    "rejected-ends": ("pubsub", "pubsub/rejected", "stream ended"),
    "topic-not-needed": ("pubsub", "pubsub/topic-first", "is accepted"),
    "bulk-publish-first-only": ("pubsub", "pubsub/bulk", "of 3 entries 1 came"),
    "pause-ignored": ("pubsub", "pubsub/pause", "after Pause"),
    "input-waits-first": ("input", "input/begins", "daprd sends nothing first"),
    "input-same-ids": ("input", "input/ids", "have the id 1"),
    "input-stops": ("input", "input/goes-on", "no event came"),
    "input-unknown-ends": ("input", "input/unknown-answer", "ends the stream"),
    "no-operations": ("output", "output/operations", "no operation"),
    "invoke-fails": ("output", "output/invoke", "cannot create"),
    "any-operation": ("output", "output/unknown-operation", "succeeds"),
    "secret-differs": ("secretstore", "secretstore/get", "differ in secret token"),
    "any-secret": ("secretstore", "secretstore/absent", "has values"),
    "bulk-secrets-fail": ("secretstore", "secretstore/bulk-get", "cannot list"),
    "secret-ping-fails": ("secretstore", "secretstore/ping", "no pong"),
}

# A defect that cannot but show in other checks too.
ALSO = {
    "no-features": None,  # it cannot be initialised: everything needs that
    "init-hangs": None,
    "no-etag": {"state/etag-current", "state/etag-stale-set", "state/etag-stale-delete",
                "state/bulk-stale"},
    "etag-stays": {"state/etag-stale-set", "state/etag-stale-delete", "state/bulk-stale"},
    "stale-etag-accepted": {"state/bulk-stale", "state/transaction-atomic"},
    "etag-without-details": {"state/etag-stale-delete", "state/bulk-stale", "state/first-write"},
    "etag-inner-code": {"state/etag-stale-delete", "state/bulk-stale", "state/first-write"},
    "etag-other-field": {"state/etag-stale-delete", "state/bulk-stale", "state/first-write"},
    "delete-does-nothing": {"state/bulk-write", "state/transaction"},
    "init-once": None,  # the checks share an instance
    "missing-key-fails": {"state/delete", "state/bulk-write", "state/transaction"},
    "topics-mixed": None,
    "acked-again": None,
    "same-ids": None,
    "input-waits-first": None,
    "input-stops": {"input/ids"},
    "no-operations": {"output/invoke"},
}  # fmt: skip


HANGING = """apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: hangs}
spec: {type: state.it, initTimeout: 300ms}
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: forgiven}
spec: {type: state.it, initTimeout: 300ms, ignoreErrors: true}
---
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: {name: broker}
spec: {type: pubsub.it}
"""


class Broken:
    def __init__(self, defect):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="broken-"))
        self.folder.chmod(0o755)
        self.process = subprocess.Popen(
            [BROKEN, defect, str(self.folder / "it.sock")], stdout=subprocess.PIPE, text=True
        )
        self.process.stdout.readline()  # "serving"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def check(self, kind):
        """Check to (result, detail), and the exit code."""
        done = subprocess.run(
            [PROBE, "conformance", "it", "--kind", kind, "--folder", str(self.folder),
             "-o", "json", "--patience", "2s"],
            capture_output=True, text=True, check=False, timeout=3 * DEADLINE_SECONDS,
        )  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return {line["check"]: (line["result"], line["detail"]) for line in lines}, done.returncode


def check_defect(defect):
    with Broken(defect) as component:
        return component.check(DEFECTS[defect][0])


def failed(checks):
    return {check for check, (result, _) in checks.items() if result == "fail"}


class BrokenTest(unittest.TestCase):
    def test_component_without_a_defect_is_green(self):
        with Broken("none") as component:
            for kind in ("state", "pubsub", "input", "output", "secretstore"):
                with self.subTest(kind):
                    checks, code = component.check(kind)
                    self.assertEqual({c: r for c, r in checks.items() if r[0] != "pass"}, {})
                    self.assertEqual(code, 0)

    def test_defects(self):
        # Mostly they wait for what does not come: side by side.
        with concurrent.futures.ThreadPoolExecutor(CHECKED_AT_ONCE) as pool:
            found = dict(zip(DEFECTS, pool.map(check_defect, DEFECTS)))
        for defect, (_, check, words) in DEFECTS.items():
            with self.subTest(defect):
                checks, code = found[defect]
                self.assertEqual(code, 1)
                result, detail = checks[check]
                self.assertEqual(result, "fail", checks)
                self.assertIn(words, detail)
                also = ALSO.get(defect, set())
                if also is not None:
                    self.assertLessEqual(failed(checks), {check} | also)


    def test_init_that_hangs_ends_at_its_timeout_and_the_others_load(self):
        with Broken("init-hangs") as component:
            resources = component.folder / "resources"
            resources.mkdir()
            (resources / "a.yaml").write_text(HANGING)
            done = subprocess.run(
                [PROBE, "run", "--resources", str(resources), "--app-id", "orders", "--folder",
                 str(component.folder), "-o", "json"],
                capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS,
            )  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        late = "Init did not answer within 300 ms"
        self.assertEqual(
            [(line["component"], line["state"], line["message"], line["daprd"]) for line in lines],
            [
                ("hangs", "failed", late, "daprd would exit"),
                ("forgiven", "failed", late, "daprd goes on: ignoreErrors"),
                ("broker", "ready", "initialised", ""),
            ],
        )
        self.assertEqual(done.returncode, 1)


class RightTest(ProbeTest):
    def conformance(self, name, kind, *words):
        lines = self.probe("conformance", name, "--kind", kind, *words)
        return {line["check"]: line["result"] for line in lines}

    def test_examples_are_green(self):
        folder = self.world.folder
        (folder / "conformance.yaml").write_text("db: {user: u, password: p}\n")
        for name, kind, *init in (
            ("smallest", "state"),
            ("sqlite-example", "state", f"path={folder / 'conformance.db'}"),
            ("memory-example", "pubsub", "redeliveryDelay=50"),
            ("file-example", "output", f"path={folder / 'conformance.log'}"),
            ("timer-example", "input", "interval=50"),
            ("yaml-example", "secretstore", f"secretsFile={folder / 'conformance.yaml'}"),
        ):
            with self.subTest(name):
                words = [word for pair in init for word in ("--init", pair)]
                self.assertNotIn("fail", self.conformance(name, kind, *words).values())

    def test_go_sdk_is_red_where_it_is_wrong_and_nowhere_else(self):
        # It has no etag errors: daprd answers 500 in place of 409. And it takes an empty topic.
        wrong = {
            "state": {"state/etag-stale-set", "state/etag-stale-delete", "state/first-write",
                      "state/bulk-stale"},
            "pubsub": {"pubsub/topic-first"},
        }  # fmt: skip
        for kind, expected in wrong.items():
            with self.subTest(kind):
                words = ("bench", "--kind", kind, "--patience", "2s")
                lines = self.probe("conformance", *words, code=1)
                red = {line["check"] for line in lines if line["result"] == "fail"}
                self.assertEqual(red, expected)
                self.assertNotIn("not run", {line["result"] for line in lines})

    def test_kill_and_restart_are_checked_where_the_probe_starts_the_component(self):
        program = PROGRAMS / EXAMPLES["smallest"]
        sockets = self.world.folder / "started"
        command = f"DAPR_COMPONENTS_SOCKETS_FOLDER={sockets} exec {program}"
        lines = self.probe(
            "conformance", "smallest", "--kind", "state", "--folder", str(sockets),
            "--start", command,
        )  # fmt: skip
        self.assertEqual(lines[-1]["check"], "daprd/restart")
        self.assertEqual(lines[-1]["result"], "pass")

    def test_bench_calls_without_failures(self):
        for name, kind in (("smallest", "state"), ("bench", "state"), ("memory-example", "pubsub")):
            with self.subTest(name):
                (line,) = self.probe(
                    "bench", name, "--kind", kind, "--duration", "300ms", "--callers", "4"
                )
                self.assertGreater(line["calls"], 0)
                self.assertEqual(line["failures"], 0)


if __name__ == "__main__":
    unittest.main()
