#!/usr/bin/env python3
"""Two replicas at half of what they can do, while certificates, Components and one of the replicas
change all the time; every patch is applied and judged.

    tests/soak/run.py [--minutes N] [--record FILE]

Needs component-injector and soak_client of the release build (`make soak` builds them). Prints what
happened as JSON; exit code 1 if an answer was wrong, an admission failed at both replicas, or memory
grew. --record writes the result to a Markdown file as well.
"""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "release"
CLIENT = BUILD / "tests" / "soak_client"
os.environ.setdefault("COMPONENT_INJECTOR_BINARY", str(BUILD / "webhook" / "component-injector"))
sys.path[:0] = [str(ROOT / "bench" / "server"), str(ROOT / "tests" / "system")]

# pylint: disable=wrong-import-position
from fake_cluster import component
from quiet_webhook import QuietWebhook, free_port
from webhook_process import make_certificate, read, write

CALIBRATION_SECONDS = 10
GROWTH = 1.1  # resident memory at the end, of that after the first minute
SLACK_MB = 2
RESTARTS_A_MINUTE = 2  # at least; so many certificates, too


def replace(path, text):
    os.replace(write(path + ".new", text), path)


class Replicas:
    """The first one lives to the end; the second one is restarted."""

    def __init__(self, folder):
        self.resources = os.path.join(folder, "resources")
        self.certificates = os.path.join(folder, "certificates")
        self.authority = os.path.join(folder, "authority.pem")
        os.makedirs(self.certificates)
        self.certificate = make_certificate(self.certificates)
        replace(self.authority, self.certificate)
        self.use_components("a")
        self._flags = [
            "--resources", self.resources,
            "--tls-cert-file", os.path.join(self.certificates, "tls.crt"),
            "--tls-private-key-file", os.path.join(self.certificates, "tls.key"),
        ]  # fmt: skip
        self.ports = [free_port(), free_port()]
        self.running = [self._start(port) for port in self.ports]

    def _start(self, port):
        return QuietWebhook(*self._flags, resources=None, certificate_out=False, port=port)

    def use_components(self, tag):
        """Under :a there is one Component, under :b there are two."""
        names = ["store"] if tag == "a" else ["store", "ledger"]
        items = [component(name, f"registry.example.com/{name}:{tag}") for name in names]
        text = "\n---\n".join(map(json.dumps, items))
        replace(os.path.join(self.resources, "components.yaml"), text)

    def rotate(self):
        """As an operator does: both are trusted before the new one is used."""
        former = self.certificate
        with tempfile.TemporaryDirectory() as fresh:
            self.certificate = make_certificate(fresh)
            replace(self.authority, former + self.certificate)
            for part in ("tls.key", "tls.crt"):
                replace(os.path.join(self.certificates, part), read(os.path.join(fresh, part)))

    def restart(self, number):
        """Returns for how many seconds there was one replica only."""
        begin = time.monotonic()
        self.running[1].signal(number)
        if self.running[1].wait() != 0:
            raise AssertionError(self.running[1].output())
        self.running[1].__exit__(None)
        self.running[1] = self._start(self.ports[1])
        return time.monotonic() - begin

    def close(self):
        for webhook in self.running:
            webhook.__exit__(None)


def load(replicas, seconds, rate):
    done = subprocess.run(
        [CLIENT, replicas.authority, str(seconds), str(rate), *map(str, replicas.ports)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def disturb(replicas, seconds, happened):
    """Something changes every two seconds, and memory is looked at every minute."""
    begin, step = time.monotonic(), 0
    sizes = happened["resident, MB, each minute"]
    while (passed := time.monotonic() - begin) < seconds - 5:
        step += 1
        replicas.use_components("ab"[step % 2])
        happened["component changes"] += 1
        if step % 5 == 0:
            replicas.rotate()
            happened["certificates"] += 1
        if step % 4 == 0:
            took = replicas.restart((signal.SIGTERM, signal.SIGHUP)[step // 4 % 2])
            happened["restarts"] += 1
            happened["seconds with one replica"] += took
        if passed >= 60 * (len(sizes) + 1):
            sizes.append(round(replicas.running[0].resident_bytes() / 1e6, 1))
            print(f"{passed:.0f} s: {sizes[-1]} MB", file=sys.stderr, flush=True)
        time.sleep(2)
    happened["disturbed to the end"] = True


def soak(minutes):
    happened = {
        "component changes": 0, "certificates": 0, "restarts": 0, "seconds with one replica": 0,
        "resident, MB, each minute": [], "disturbed to the end": False,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor() as other:
        replicas = Replicas(folder)
        try:
            full = load(replicas, CALIBRATION_SECONDS, 0)["per second"]
            print(f"full load: {full} a second", file=sys.stderr, flush=True)
            seconds = int(minutes * 60)
            disturber = other.submit(disturb, replicas, seconds, happened)
            result = load(replicas, seconds, max(1, full // 2))
            if disturber.exception():
                happened["disturbed to the end"] = f"no: {disturber.exception()}"
        finally:
            replicas.close()
    return {"minutes": minutes, "full load per second": full, **result, **happened}


def faults(result):
    found = [f"{result[what]} {what}" for what in ("failed", "wrong") if result[what]]
    if result["disturbed to the end"] is not True:
        found.append(f"disturbed to the end: {result['disturbed to the end']}")
    sizes, least = result["resident, MB, each minute"], int(result["minutes"] * RESTARTS_A_MINUTE)
    if len(sizes) < int(result["minutes"]) - 1:
        found.append(f"memory was looked at {len(sizes)} times only")
    if sizes and sizes[-1] > sizes[0] * GROWTH + SLACK_MB:
        found.append(f"memory grew from {sizes[0]} to {sizes[-1]} MB")
    found += [f"only {result[what]} {what}, expected {least}" for what in
              ("restarts", "certificates") if result[what] < least]  # fmt: skip
    return found


def record(path, result):
    def shown(value):
        if isinstance(value, float):
            return f"{value:.1f}"
        if isinstance(value, dict):
            return ", ".join(f"{key}: {shown(count)}" for key, count in value.items()) or "none"
        if isinstance(value, list):
            return ", ".join(map(shown, value)) or "none"
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

    lines = [f"| {key} | {shown(value)} |" for key, value in result.items()]
    head = [
        "# Last soak", f"`make soak`, {datetime.date.today().isoformat()}.", "",
        "Full load is what a client gets through that applies and judges every patch, on the cores",
        "that the two replicas run on. Retried is what the other replica answered, as the API server",
        "would have asked it; failed, what neither did; wrong, an answer that is no valid review, a",
        "patch that does not apply, or a pod without what it asked for. Examples are of the last two.",
        "",
    ]  # fmt: skip
    path.write_text("\n".join([*head, "| what | seen |", "|---|---|", *lines, ""]), "ascii")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--record", type=pathlib.Path)
    asked = parser.parse_args()
    result = soak(asked.minutes)
    print(json.dumps(result, indent=1))
    if asked.record:
        record(asked.record, result)
    sys.exit("soak: " + "; ".join(faults(result)) if faults(result) else 0)


if __name__ == "__main__":
    main()
