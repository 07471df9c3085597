#!/usr/bin/env python3
"""What a healthy client notices of 500 slow ones: latency of admissions on a kept TLS connection.

    COMPONENT_INJECTOR_BINARY=build/release/webhook/component-injector bench/server/slow_clients.py

Prints Markdown. SECONDS (5) and CLIENTS (500) in the environment change the run.
"""

import json
import multiprocessing
import os
import time

from quiet_webhook import QuietWebhook
# pylint: disable=wrong-import-order
from hostile_clients import ended, plain
from reviews import pod, review
from webhook_process import exchange

SECONDS = float(os.environ.get("SECONDS", "5"))
CLIENTS = int(os.environ.get("CLIENTS", "500"))
JSON = {"Content-Type": "application/json"}
BODY = json.dumps(review(pod({"dapr.io/inject-pluggable-components": "true"})))


class SlowClients:
    """Keeps so many slow connections open, in a process of its own: whoever is closed comes again."""

    def __init__(self, webhook, first, then, tls):
        self._webhook, self._first, self._then = webhook, first, then
        self._trust = webhook.trust() if tls else None
        self._ready, self._ended = multiprocessing.Event(), multiprocessing.Event()
        self._process = multiprocessing.Process(target=self._run)

    def _connect(self):
        raw = self._webhook.connect_raw(self._trust) if self._trust else plain(self._webhook)
        raw.sendall(self._first)
        return raw

    def _run(self):
        open_ones = [self._connect() for _ in range(CLIENTS)]
        self._ready.set()
        while not self._ended.is_set():
            for index, raw in enumerate(open_ones):
                try:
                    if self._then:
                        raw.send(self._then)
                    gone = ended(raw)
                except OSError:
                    gone = True
                if gone:
                    raw.close()
                    open_ones[index] = self._connect()
                time.sleep(0.001)
                if self._ended.is_set():
                    break

    def __enter__(self):
        self._process.start()
        self._ready.wait()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._process.join()


def measure(webhook):
    """Milliseconds of each admission, one after the other."""
    kept = webhook.connect()
    times = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        start = time.perf_counter()
        status = exchange(kept, "POST", "/mutate", BODY, JSON)[0]
        times.append((time.perf_counter() - start) * 1000)
        assert status == 200, status
    kept.close()
    return sorted(times)


def report(name, webhook, times):
    count = len(times)
    print(f"| {name} | {count} | {times[count // 2]:.2f} | {times[count * 99 // 100]:.2f} | "
          f"{times[-1]:.1f} | {webhook.resident_bytes() / (1 << 20):.1f} |", flush=True)


def main():
    print(f"Load of the machine before the run: {os.getloadavg()[0]:.1f} on {os.cpu_count()} "
          f"processors; {CLIENTS} slow clients; {SECONDS:g} s each.\n")
    print("| slow clients | admissions | p50, ms | p99, ms | max, ms | resident, MiB |")
    print("|---|---|---|---|---|---|")
    for name, first, then, tls in (
            ("silent before the handshake", b"", b"", False),
            ("half a handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"", False),
            ("half a head, byte by byte", b"POST /mutate HTTP/1.1\r\nX-Slow: ", b"x", True),
            ("half a body, byte by byte",
             b"POST /mutate HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n{", b" ", True)):
        with QuietWebhook() as webhook:
            if name.startswith("silent"):
                report("none", webhook, measure(webhook))
            with SlowClients(webhook, first, then, tls):
                report(name, webhook, measure(webhook))


if __name__ == "__main__":
    main()
