"""The measurements: each returns rows, dictionaries of figures that the page shows as they are."""

import os
import sys
import tempfile
import time

import slow_clients
import wrk
from inputs import KINDS, body, manifests
from quiet_webhook import LoggingWebhook, QuietWebhook
from servers import Constant, LargeCluster, Nginx, loaded, resident_megabytes
from webhook_process import BINARY, exchange

CONNECTIONS = (1, 8, 32, 256)


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    """`seconds` of each measurement; `constant`: the program constant_webhook."""

    def __init__(self, seconds, constant):
        self._seconds, self._constant = seconds, constant

    def _load(self, server, text, connections, seconds=None):
        result, used = loaded(server, text, connections, seconds or self._seconds)
        return result, used, resident_megabytes(server.pids())

    def _answer(self, webhook, text):
        connection = webhook.connect()
        status, _, answer = exchange(connection, "POST", "/mutate", text,
                                     {"Content-Type": "application/json"})
        connection.close()
        if status != 200:
            raise SystemExit(f"the webhook answers {status}: {answer!r}")
        return answer.decode()

    def server(self):
        """Each kind of review with 1 to 256 connections, beside the limit and nginx."""
        rows = []
        with tempfile.TemporaryDirectory() as folder, QuietWebhook(resources=manifests()) as ours:
            for kind in KINDS:
                text = body(kind)
                answer = self._answer(ours, text)
                patch = answer.split('"patch":"')[1].split('"')[0] if '"patch":"' in answer else ""
                with Constant(self._constant, folder, patch) as limit, Nginx(folder,
                                                                             answer) as nginx:
                    for connections in CONNECTIONS:
                        say(f"server: {kind}, {connections} connections")
                        rows.append(self._compared(kind, connections, text, (ours, limit, nginx)))
        return rows

    def _compared(self, kind, connections, text, servers):
        (own, used, resident), (limit, limit_used, _), (nginx, nginx_used, _) = (
            self._load(server, text, connections) for server in servers
        )
        return {
            "review": kind, "connections": connections, "per second": own.rate,
            "p50, ms": own.p50, "p99, ms": own.p99, "p99.9, ms": own.p999, "CPU, us": used,
            "resident, MB": resident, "errors": own.errors, "limit per second": limit.rate,
            "of the limit": own.rate / limit.rate, "limit CPU, us": limit_used,
            "nginx per second": nginx.rate, "nginx CPU, us": nginx_used,
        }  # fmt: skip

    def slow(self):
        """One client's admissions beside 500 that hold their connections open."""
        say("slow clients")
        return slow_clients.rows(self._seconds)

    def log(self):
        """What writing a line for each pod and each decision costs."""
        rows = []
        text = body("3 components")
        for kind in (QuietWebhook, LoggingWebhook):
            say(f"log: {kind.log_level}")
            with kind(resources=manifests()) as webhook:
                result, used, resident = self._load(webhook, text, 8)
            rows.append({
                "log level": kind.log_level, "per second": result.rate, "p99, ms": result.p99,
                "CPU, us": used, "resident, MB": resident, "errors": result.errors,
            })  # fmt: skip
        return rows

    def components(self, counts=(10, 100, 1_000, 10_000, 100_000)):
        """More and more Components in a cluster, ten in each namespace."""
        rows = []
        text = body("3 components")
        for count in counts:
            say(f"growth: {count} Components")
            begin = time.monotonic()
            with LargeCluster(count) as cluster, QuietWebhook(cluster=cluster) as webhook:
                ready = time.monotonic() - begin
                result, used, resident = self._load(webhook, text, 8)
            rows.append({
                "Components": count, "ready after, s": ready, "per second": result.rate,
                "CPU, us": used, "resident, MB": resident, "errors": result.errors,
            })  # fmt: skip
        return rows

    def connections(self, counts=(1, 8, 32, 128, 512, 1_000, 2_000)):
        """More and more connections, the limit raised."""
        rows = []
        text = body("3 components")
        with QuietWebhook("--max-connections", "4096", resources=manifests()) as webhook:
            for count in counts:
                say(f"growth: {count} connections")
                result, used, resident = self._load(webhook, text, count)
                rows.append({
                    "connections": count, "per second": result.rate, "p99, ms": result.p99,
                    "CPU, us": used, "resident, MB": resident, "errors": result.errors,
                })  # fmt: skip
        return rows

    def replicas(self, most=4):
        """One to four replicas, the connections spread over them."""
        rows, running = [], []
        text = body("3 components")
        try:
            for count in range(1, most + 1):
                say(f"growth: {count} replicas")
                running.append(QuietWebhook(resources=manifests()))
                ports = [webhook.port("webhook") for webhook in running]
                result = wrk.run(ports, text, 8 * count, self._seconds)
                rows.append({
                    "replicas": count, "connections": 8 * count, "per second": result.rate,
                    "p99, ms": result.p99, "errors": result.errors,
                })  # fmt: skip
        finally:
            for webhook in running:
                webhook.__exit__(*sys.exc_info())
        return rows

    def life(self, admissions):
        """From start to ready, the size of the program, memory after many admissions."""
        text = body("3 components")
        begin = time.monotonic()
        with QuietWebhook(resources=manifests()) as webhook:
            ready = time.monotonic() - begin
            start = webhook.resident_bytes() / 1e6
            rows = [{"what": "start to ready with a certificate of its own, ms",
                     "figure": 1000 * ready}]  # fmt: skip
            done, sizes = 0, []
            while done < admissions:
                say(f"life: {done:,} of {admissions:,} admissions")
                done += self._load(webhook, text, 8, 10)[0].requests
                sizes.append(webhook.resident_bytes() / 1e6)
        return rows + [
            {"what": "program, MB", "figure": os.path.getsize(BINARY) / 1e6},
            {"what": "resident at start, MB", "figure": start},
            {"what": "resident after the first ten seconds, MB", "figure": sizes[0]},
            {"what": f"resident after {done:,} admissions, MB", "figure": sizes[-1]},
        ]


